"""What a hostile client can do over HTTP: any bytes, on any number of connections."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

HOST = "127.0.0.1"
PATIENCE_S = 6.0
"""How long an attacker waits for an answer."""
UNANSWERED = "no answer"
CLOSED = "closed"
ACCEPTED = "200 ok"
_MOST_READ = 2**26


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacker:
    """A client with a key of its own; ``library`` is a connection of its own."""

    port: int
    key: str
    library: str

    async def ask(self, query: str, variables: Mapping[str, object] | None = None, **given: object) -> str:
        """Post a document and return the status with the code of its first error."""
        body = {"query": query, **({"variables": variables} if variables else {}), **given}
        return await self.post(json.dumps(body).encode())

    async def ask_at_once(self, query: str, times: int) -> str:
        """Post the same document over as many connections."""
        return _told(await asyncio.gather(*[self.ask(query) for _ in range(times)]))

    async def post(self, body: bytes, *headers: str) -> str:
        """Post these bytes as JSON."""
        return await self.send(self.head("POST", f"Content-Length: {len(body)}", *headers), body)

    def head(self, method: str = "GET", *headers: str, path: str = "/graphql") -> bytes:
        """Return the head of a request with the key."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Authorization: Bearer {self.key}"]
        lines += ["Content-Type: application/json", *headers]
        return "\r\n".join([*lines, "", ""]).encode()

    async def send(self, *parts: bytes) -> str:
        """Send these bytes over one connection and return what the first answer says."""
        async with self.connection() as (reader, writer):
            return await answer(reader, writer, parts)

    async def send_at_once(self, times: int, *parts: bytes) -> str:
        """Send the same bytes over as many connections."""
        return _told(await asyncio.gather(*[self.send(*parts) for _ in range(times)]))

    async def hold(self, times: int, *parts: bytes, seconds: float) -> str:
        """Send the same bytes over as many connections, then stay silent; return how many are still open."""
        held = await asyncio.gather(*[_opened(self.port, parts) for _ in range(times)])
        await asyncio.sleep(seconds)
        opened = [one for one in held if one is not None]
        left = sum(not reader.at_eof() for reader, _ in opened)
        for _, writer in opened:
            writer.close()
        return f"{left} of {times} open after {seconds:.0f} s"

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Yield a new connection; raises ``OSError`` if nobody takes it."""
        reader, writer = await asyncio.open_connection(HOST, self.port, limit=_MOST_READ)
        try:
            yield reader, writer
        finally:
            writer.close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: Iterable[bytes]) -> str:
    """Send the parts and return the first answer's status and code; an early answer ends the sending."""
    sending = asyncio.create_task(_send(writer, parts))
    try:
        async with asyncio.timeout(PATIENCE_S):
            return _in_short(await _read(reader))
    except TimeoutError:
        return UNANSWERED
    except (OSError, EOFError):
        return CLOSED
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(writer: asyncio.StreamWriter, parts: Iterable[bytes]) -> None:
    with suppress(OSError):
        for part in parts:
            writer.write(part)
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    _, _, rest = head.partition(b"content-length:")
    length = int(rest.partition(b"\r\n")[0]) if rest else 0
    return status, await reader.readexactly(length)


def _in_short(answered: tuple[int, bytes]) -> str:
    status, body = answered
    code = _code_in(body)
    return f"{status} {code}" if code else ACCEPTED if status == 200 else str(status)


def _code_in(body: bytes) -> str | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    errors = told.get("errors") or [{"extensions": told}]
    code = errors[0].get("extensions", {}).get("code")
    return None if code is None else str(code)


async def _opened(
    port: int, parts: Iterable[bytes]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(HOST, port)
            await _send(writer, parts)
    except (OSError, TimeoutError):
        return None
    return reader, writer


def _told(answers: Iterable[str]) -> str:
    """Return each answer once, with its number."""
    found = list(answers)
    return ", ".join(f"{found.count(one)} x {one}" for one in sorted(set(found)))
