"""A loopback server of TCP by hand.

It can answer in every wrong way.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qs, urlsplit

from graphql_api.sandbox.tcp import accept_no_more


@dataclass(frozen=True)
class Request:
    """A request as it arrived, its body read to the end."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's values by name."""
        return parse_qs(urlsplit(self.target).query)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


Script = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """Plays ``script`` for every request and remembers the requests; counts connections."""

    script: Script
    keeps_open: bool = False
    requests: list[Request] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    host: str = "127.0.0.1"
    port: int = 0
    tls: SSLContext | None = None
    _tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The base URL to give to the SDK."""
        return f"http://127.0.0.1:{self.port}/v1"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RawServer"]:
        """Listen, and afterwards drop all hanging connections."""
        server = await asyncio.start_server(self._accept, self.host, self.port, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            await accept_no_more(server)
            server.close()
            await self.drop_all()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks[asyncio.create_task(self._serve(reader, writer))] = writer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client hung up
            while not writer.is_closing():
                request = await _read_request(reader)
                self.requests.append(request)
                self.arrived.set()
                await self.script(request, writer)
                if not self.keeps_open:
                    writer.close()

    async def drop_all(self) -> None:
        """Abort every open connection."""
        for task, writer in self._tasks.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the aborted transports close their sockets


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = start.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body)


def answer(
    status: int,
    body: object = b"",
    *,
    headers: Mapping[str, str] | None = None,
    kind: str = "application/json",
) -> Script:
    """Answer with ``status`` and a body: bytes as they are, anything else as JSON."""

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        writer.write(head(status, len(content), headers=headers, kind=kind) + content)
        await writer.drain()

    return script


def head(
    status: int, length: int, *, headers: Mapping[str, str] | None = None, kind: str = "application/json"
) -> bytes:
    """Return the first lines of an answer, up to the empty one."""
    fields = {"content-type": kind, "content-length": str(length), "connection": "close", **(headers or {})}
    lines = [f"HTTP/1.1 {status} Reason", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def routes(table: Mapping[str, Script]) -> Script:
    """Play the script of the request's ``"METHOD /path"``."""

    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        await table[f"{request.method} {request.path}"](request, writer)

    return script


def compute(body_of: Callable[[Request], object]) -> Script:
    """Answer 200 with the JSON made by ``body_of`` from the request."""

    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        await answer(200, body_of(request))(request, writer)

    return script


async def stall(_: Request, __: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def reset(_: Request, writer: asyncio.StreamWriter) -> None:
    """Drop the connection before the first byte of an answer."""
    writer.transport.abort()


async def hang_up(_: Request, __: asyncio.StreamWriter) -> None:
    """Close the connection politely, without an answer."""


async def reset_in_answer(_: Request, writer: asyncio.StreamWriter) -> None:
    """Promise 1000 bytes, send five, and drop the connection."""
    writer.write(head(200, 1000) + b'{"id"')
    await writer.drain()
    writer.transport.abort()


async def cut_short(_: Request, writer: asyncio.StreamWriter) -> None:
    """Promise 1000 bytes, send five, and close the connection politely."""
    writer.write(head(200, 1000) + b'{"id"')
    await writer.drain()


async def drip(_: Request, writer: asyncio.StreamWriter) -> None:
    """Send one byte every 20 ms: no single read ever takes long."""
    writer.write(head(200, 100_000))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def babble(_: Request, writer: asyncio.StreamWriter) -> None:
    """Answer in something other than HTTP."""
    writer.write(b"220 mail.example.org ESMTP\r\n")
    await writer.drain()
