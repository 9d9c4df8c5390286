"""A served application that notes its requests, and clients that say exactly the given bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from graphql_api.composition.server import answering, listen
from graphql_api.composition.settings import Settings
from graphql_api.turns import LoopTurns

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\n"
LARGE = b"x" * 20_000_000
"""An answer that the system has no room for."""
MORE_THAN_READ = 20_000_000
"""Bytes that a client cannot have sent to the end before its refusal."""


@dataclass(kw_only=True)
class Served:
    """The application: it answers each whole request with its path, and each message of a socket with it."""

    address: tuple[str, int] = ("", 0)
    paths: list[str] = field(default_factory=list)
    gone: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    headers: list[bytes] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    messages: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request or a socket."""
        await (self._socket if scope["type"] == "websocket" else self._request)(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, message = scope["path"], dict[str, Any]()
        self.begun.set()
        while path != "/unread" and (message := dict(await receive())).get("more_body"):
            pass
        if message.get("type") == "http.disconnect":
            self.gone += 1
            return
        self.headers = [name for name, _ in scope["headers"]]
        self.paths.append(path)
        self.asked.set()
        if path == "/waits":
            await self.may_answer.wait()
        body = LARGE if path in ("/large", "/stream") else path.encode()
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body, "more_body": path == "/stream"})
        self.answered.set()
        if path == "/stream":
            await send({"type": "http.response.body", "body": b""})

    async def _socket(self, _: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.messages.append(message["text"])
            if message["text"] == "wait":
                self.asked.set()
                await self.may_answer.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The last answer on a connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> Any:
        """The body of a refusal."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.headers["connection"] == "close"
        return json.loads(self.body)


@asynccontextmanager
async def serving(*, turns: LoopTurns | None = None, **changed: Any) -> AsyncIterator[Served]:
    """Serve the application with these settings as the real server serves its own."""
    app = Served()
    with listen("127.0.0.1", 0, unread_s=15) as listener:
        app.address = listener.getsockname()
        async with answering(app, listener, settings=Settings(**changed), turns=turns):
            yield app
            app.may_answer.set()


@asynccontextmanager
async def connection(app: Served) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection, and close it in the end."""
    reader, writer = await asyncio.open_connection(*app.address)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def said(app: Served, *words: bytes) -> bytes:
    """Say the words, and return all that is answered until the server closes the connection."""
    async with connection(app) as (reader, writer):
        for word in words:
            writer.write(word)
        return await rest(reader)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Return everything up to the end of the connection, however it ends."""
    read = bytearray()
    with suppress(ConnectionError):
        while some := await reader.read(65_536):
            read += some
    return bytes(read)


def answer_of(told: bytes) -> Answer:
    """Return the last answer in these bytes."""
    head, _, body = told[told.rindex(b"HTTP/1.1 ") :].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(status=int(first.split()[1]), headers=headers, body=body)


async def refused(app: Served, *words: bytes) -> Answer:
    """Say the words, and return the refusal."""
    return answer_of(await said(app, *words))


async def bystander_is_answered(app: Served) -> None:
    """Hold that another client gets its answer."""
    assert answer_of(await said(app, LAST)).body == b"/last"
    app.paths.remove("/last")
