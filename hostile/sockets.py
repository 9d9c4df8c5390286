"""What a hostile client can do over one WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from hostile.client import CLOSED, PATIENCE_S, UNANSWERED, Attacker

TEXT, CONTINUATION, CLOSE, PING = 0x1, 0x0, 0x8, 0x9
_FINAL = 0x80
_NO_MASK = bytes(4)
"""Clients have to mask their frames; this mask changes nothing."""
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def upgrade(attacker: Attacker, *headers: str) -> bytes:
    """Return the request for a WebSocket."""
    wanted = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {_KEY}",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
    )
    return attacker.head("GET", *wanted, *headers)


def frame(payload: bytes = b"", *, kind: int = TEXT, is_final: bool = True) -> bytes:
    """Return one masked frame."""
    first = kind | (_FINAL if is_final else 0)
    size = len(payload)
    if size < 126:
        head = bytes([first, 0x80 | size])
    elif size < 2**16:
        head = bytes([first, 0xFE]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, 0xFF]) + size.to_bytes(8, "big")
    return head + _NO_MASK + payload


def message(**given: object) -> bytes:
    """Return a message of the protocol as a frame."""
    return frame(json.dumps(given).encode())


def subscribe(key: int, query: str, variables: Mapping[str, object] | None = None) -> bytes:
    """Return the message that begins an operation."""
    payload = {"query": query, **({"variables": variables} if variables else {})}
    return message(type="subscribe", id=str(key), payload=payload)


@dataclass(slots=True)
class Socket:
    """An open WebSocket; it reads the server's frames, which are not masked."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *frames: bytes) -> None:
        """Send frames; a closed connection takes them and does nothing."""
        with suppress(OSError):
            for one in frames:
                self.writer.write(one)
                await self.writer.drain()

    async def frame(self) -> tuple[int, bytes]:
        """Return the kind and the payload of the next frame; raises ``EOFError`` at the end."""
        first, size = await self.reader.readexactly(2)
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await self.reader.readexactly(8), "big")
        return first & 0xF, await self.reader.readexactly(size)

    async def until_closed(self, *, ended: int | None = None) -> str:
        """Read up to the close, or to the end of so many operations, and return in short what came."""
        codes: dict[str, int] = {}
        try:
            async with asyncio.timeout(PATIENCE_S):
                while ended is None or sum(codes.values()) < ended:
                    kind, payload = await self.frame()
                    if kind == CLOSE:
                        return f"{CLOSED} {int.from_bytes(payload[:2], 'big')}"
                    if (end := _end_in(kind, payload)) is not None:
                        codes[end] = codes.get(end, 0) + 1
        except TimeoutError:
            codes[UNANSWERED] = 1
        except (OSError, EOFError):
            codes[CLOSED] = 1
        return ", ".join(f"{count} x {code}" for code, count in sorted(codes.items()))


@asynccontextmanager
async def connected(attacker: Attacker) -> AsyncIterator[Socket]:
    """Yield a WebSocket after the handshake and the acknowledgement."""
    async with opened(attacker) as socket:
        await socket.send(message(type="connection_init"))
        async with asyncio.timeout(PATIENCE_S):
            while True:
                kind, payload = await socket.frame()
                if kind == CLOSE:
                    raise EOFError(payload.decode(errors="replace"))
                if b"connection_ack" in payload:
                    break
        yield socket


@asynccontextmanager
async def opened(attacker: Attacker) -> AsyncIterator[Socket]:
    """Yield a WebSocket after the handshake alone."""
    async with attacker.connection() as (reader, writer):
        writer.write(upgrade(attacker))
        async with asyncio.timeout(PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise EOFError(head.decode(errors="replace"))
        yield Socket(reader, writer)


def _end_in(kind: int, payload: bytes) -> str | None:
    """Return how an operation ended, if this frame says so."""
    if kind != TEXT:
        return None
    told = json.loads(payload)
    if told["type"] == "complete":
        return "complete"
    if told["type"] != "error":
        return None
    return str(told["payload"][0].get("extensions", {}).get("code"))
