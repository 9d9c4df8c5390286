"""One operation's results as server-sent events (graphql-sse, distinct connections)."""

import asyncio
from asyncio import Event
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, aclosing
from typing import Any

from graphql import GraphQLError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.types.execution import PreExecutionError

from graphql_api.http.accept import EVENT_STREAM
from graphql_api.http.graphql.response import Result
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.one_line import one_line

HEADERS = {
    "Content-Type": f"{EVENT_STREAM}; charset=utf-8",
    "Cache-Control": "no-store, no-transform",  # a compressing proxy holds events back
    "X-Accel-Buffering": "no",
    "Vary": "Accept",
}
PING = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"
"""With a data line: browsers drop an event without one."""


class EventStream:
    """An answer as long as its operation.

    ``started`` is set as soon as a subscription misses no further event: the stream opens then, even if the
    first event is far off. ``refuse`` answers an earlier failure with one response. The operation ends when
    the client leaves, the server stops, or the event of ``watch`` is set: the caller's credential has ended.
    A stop of the server sends no completion, so clients connect again.
    """

    def __init__(
        self,
        results: AsyncGenerator[Any, None],
        *,
        started: Event,
        refuse: Callable[[Sequence[GraphQLError]], Response],
        subscribers: Subscribers,
        watch: Callable[[], AbstractContextManager[Event]],
    ) -> None:
        self._results = results
        self._started = started
        self._refuse = refuse
        self._subscribers = subscribers
        self._watch = watch
        self._writing = asyncio.Lock()
        self._is_open = False
        self._refused: Sequence[GraphQLError] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the operation ends, the client leaves or the server stops."""
        relay = asyncio.create_task(self._relay(send))
        with self._subscribers.one_more(), self._watch() as ended:
            await _first_of(
                relay, self._keep_alive(send), _departure(receive), self._server_stop(), ended.wait()
            )
        if not relay.cancelled():
            relay.result()
        if self._refused:
            await self._refuse(self._refused)(scope, receive, send)
        elif self._is_open:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _relay(self, send: Send) -> None:
        """Send every result; an operation refused before its start sends no event."""
        async with aclosing(self._results):
            async for ended in self._results:
                result = Result.of(ended)
                is_accepted = result.ran or self._started.is_set() or self._is_open
                if isinstance(ended, PreExecutionError) or not is_accepted:
                    self._refused = result.errors
                    return
                await self._write(send, _next(result))
        await self._write(send, COMPLETE)

    async def _keep_alive(self, send: Send) -> None:
        """Open the stream when a subscription listens, and then send pings to keep it alive."""
        await self._started.wait()
        while not self._refused:
            await self._write(send, PING)
            await asyncio.sleep(self._subscribers.keep_alive_s)

    async def _server_stop(self) -> None:
        """Wait for the server's stop; a query or a mutation may end first, like any request in flight."""
        await self._started.wait()
        await self._subscribers.leaving.wait()

    async def _write(self, send: Send, chunk: bytes) -> None:
        """Send a chunk after all earlier ones; the first one opens the stream."""
        async with self._writing:
            if not self._is_open:
                self._is_open = True
                headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _departure(receive: Receive) -> None:
    """Wait for the client to leave."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*endings: Awaitable[Any]) -> None:
    """Wait for the first one to end, and cancel the others."""
    tasks = [asyncio.ensure_future(one) for one in endings]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _next(result: Result) -> bytes:
    return b"event: next\ndata: " + one_line(result.body()) + b"\n\n"
