"""A client for the edges of the protocol.

It says exactly the words given by its test.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PROTOCOL = "graphql-transport-ws"
ACK = {"type": "connection_ack"}
HELLO = [{"data": {"hello": "hello you"}}, None]
"""The whole of ``{ hello }``: one payload, and no error at the end."""


@asynccontextmanager
async def socket_to(address: str, *protocols: str, **options: Any) -> AsyncIterator[ClientConnection]:
    """Open a socket, and say nothing yet."""
    offered = [Subprotocol(one) for one in protocols or (PROTOCOL,)]
    url = f"ws://{address}/graphql"
    async with connect(url, subprotocols=offered, proxy=None, max_size=None, **options) as socket:
        yield socket


@asynccontextmanager
async def connected_to(address: str, **options: Any) -> AsyncIterator[ClientConnection]:
    """Open a socket, and wait for the server's acknowledgement."""
    async with socket_to(address, **options) as socket:
        await say(socket, {"type": "connection_init"})
        assert await heard(socket) == ACK
        yield socket


async def say(socket: ClientConnection, message: object) -> None:
    """Send a message."""
    await socket.send(orjson.dumps(message).decode())


async def heard(socket: ClientConnection) -> Any:
    """Return the next message; it has to be a text frame."""
    frame = await socket.recv()
    assert isinstance(frame, str)
    return orjson.loads(frame)


async def subscribe(socket: ClientConnection, query: str, *, key: str = "1", **payload: Any) -> None:
    """Begin an operation."""
    await say(socket, {"type": "subscribe", "id": key, "payload": {"query": query, **payload}})


async def asked(socket: ClientConnection, query: str, **payload: Any) -> list[Any]:
    """Return the whole of an operation with an end: each payload, and last the error or nothing."""
    await subscribe(socket, query, **payload)
    told: list[Any] = []
    while (message := await heard(socket))["type"] == "next":
        assert message["id"] == "1"
        told.append(message["payload"])
    assert message["id"] == "1"
    return [*told, message.get("payload")]


async def closed(socket: ClientConnection) -> tuple[int | None, str | None]:
    """Return the server's close code and reason, reading everything before."""
    try:
        while True:
            await socket.recv()
    except ConnectionClosed:
        return socket.close_code, socket.close_reason
