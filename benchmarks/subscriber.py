"""One subscriber: a WebSocket of the least possible cost.

Its own cost must not show in the server's figures.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import cast

import orjson

from benchmarks.processes import HOST

_HANDSHAKE = "\r\n".join(
    [
        "GET /graphql HTTP/1.1",
        f"Host: {HOST}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
        "",
        "",
    ]
).encode()
_FOLLOW = "subscription($id: ID) { finetuningUpdated(finetuningId: $id) { id status alias updatedAt } }"
_NO_MASK = bytes(4)
"""Clients have to mask their frames; this mask changes nothing."""
_TEXT, _PING, _PONG = 0x81, 0x89, 0x8A

Told = Callable[[float], None]
"""Called with the time of an arrival, as ``perf_counter()`` has it."""


class Subscriber(asyncio.Protocol):
    """Calls ``told`` for each event of its one present operation."""

    def __init__(self, told: Told) -> None:
        self.ready = asyncio.Event()
        self._told = told
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast("asyncio.Transport", transport)  # by its class, uvloop's is another
        self._transport.write(_HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        """Take the bytes received; a frame is small enough to come in one piece."""
        now = perf_counter()
        if data.startswith(b"HTTP/1.1 101 "):
            self._say({"type": "connection_init"})
        elif b"connection_ack" in data:
            self.ready.set()
        elif data[0] == _PING:
            self._send(_PONG, data[2:6])
        for _ in range(data.count(b'"type":"next"')):
            self._told(now)
        assert b'"type":"error"' not in data, data

    def follow(self, finetuning_id: str | None) -> None:
        """Follow one finetuning, or all."""
        payload = {"query": _FOLLOW, "variables": {"id": finetuning_id} if finetuning_id else {}}
        self._say({"type": "subscribe", "id": "1", "payload": payload})

    def leave(self) -> None:
        """End the operation."""
        self._say({"type": "complete", "id": "1"})

    def close(self) -> None:
        """Hang up."""
        assert self._transport is not None
        self._transport.close()

    def _say(self, message: object) -> None:
        self._send(_TEXT, orjson.dumps(message))

    def _send(self, kind: int, payload: bytes) -> None:
        assert self._transport is not None
        size = (
            bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        )
        self._transport.write(bytes([kind]) + size + _NO_MASK + payload)


async def connect(port: int, told: Told) -> Subscriber:
    """Return a subscriber already acknowledged by the server."""
    loop = asyncio.get_running_loop()
    _, subscriber = await loop.create_connection(lambda: Subscriber(told), HOST, port)
    await subscriber.ready.wait()
    return subscriber
