"""A loopback server with MongoDB's ``hello`` and no more."""

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import bson

_HEADER = struct.Struct("<iiii")
_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013
_REPLY = struct.Struct("<iqii")

USUAL = {"ok": 1, "isWritablePrimary": True, "minWireVersion": 0, "maxWireVersion": 17, "helloOk": True}
"""The ``hello`` of a standalone mongod 6.0."""


@asynccontextmanager
async def pretended_mongodb(hello: Mapping[str, Any]) -> AsyncIterator[int]:
    """Serve this answer to everything, with the time if it lacks one, and yield the port."""

    def answer() -> bytes:
        return bson.encode({"localTime": datetime.now(UTC), **USUAL, **hello})

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size, number, _, kind = _HEADER.unpack(await reader.readexactly(_HEADER.size))
                await reader.readexactly(size - _HEADER.size)
                writer.write(_message(number, kind, answer()))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def _message(number: int, kind: int, document: bytes) -> bytes:
    if kind == _OP_QUERY:
        body, kind = _REPLY.pack(0, 0, 0, 1) + document, _OP_REPLY
    else:
        body = struct.pack("<ib", 0, 0) + document
    return _HEADER.pack(_HEADER.size + len(body), 0, number, kind) + body
