"""The end of an event stream.

The tests hold its causes and its remains.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import Any

import httpx2
from starlette.responses import Response
from strawberry.types import ExecutionResult

from graphql_api.access.gate import OPEN
from graphql_api.caller import ANONYMOUS
from graphql_api.http.graphql.event_stream import EventStream
from graphql_api.http.graphql.subscribers import Subscribers
from tests.http.graphql.event_stream_client import (
    COMPLETE,
    PING,
    ask,
    client_of,
    events,
    open_stream,
    without_pings,
)
from tests.http.graphql.streams import Served, served


async def test_a_stream_opens_before_its_first_event_and_stays_alive() -> None:
    """A comment at once and one at every interval keep everything on the way from taking it for dead."""
    async with (
        served(keep_alive_s=0.05) as server,
        client_of(server) as http,
        open_stream(http, "subscription { silent }") as chunks,
    ):
        assert [await anext(chunks) for _ in range(3)] == [PING, PING, PING]
        server.source.goes_on.set()
        rest = b"".join([chunk async for chunk in chunks])
    assert without_pings(rest) == b'event: next\ndata: {"data":{"silent":1}}\n\n' + COMPLETE


async def test_a_client_that_leaves_closes_its_source(
    streaming: Served, event_http: httpx2.AsyncClient
) -> None:
    """At once, and nothing of it is left."""
    async with open_stream(event_http, "subscription { silent }") as chunks:
        assert await anext(chunks) == PING
        assert streaming.source.open == 1
    await streaming.source.closed.wait()
    assert streaming.source.open == 0
    others = asyncio.all_tasks() - {asyncio.current_task()}
    while any("EventStream" in str(task) for task in others):
        await asyncio.sleep(0)
        others = {task for task in others if not task.done()}


async def test_streams_are_limited_per_process() -> None:
    """One too many is refused; a place that is left can be taken."""
    async with served(max_subscribers=1) as server, client_of(server) as http:
        async with open_stream(http, "subscription { silent }") as chunks:
            await anext(chunks)
            refused = await ask(http, "{ hello }")
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert refused.json()["errors"][0]["extensions"] == {"code": "SERVICE_UNAVAILABLE"}
        await server.source.closed.wait()
        assert events(await ask(http, "{ hello }")) == [{"data": {"hello": "hello you"}}]


async def test_a_reader_that_stands_still_is_not_pulled_for(
    streaming: Served, event_http: httpx2.AsyncClient
) -> None:
    """Its source waits, nothing piles up in memory, others are served, and it can leave."""
    async with open_stream(event_http, "subscription { flood }"):
        await streaming.source.listening.wait()
        pulled = -1
        while pulled < streaming.source.pulled:
            pulled = streaming.source.pulled
            for _ in range(20):
                assert (await event_http.post("/graphql", json={"query": "{ hello }"})).status_code == 200
        assert pulled < 200
        assert not streaming.source.closed.is_set()
    await streaming.source.closed.wait()


async def test_a_reader_that_stands_still_for_long_loses_its_connection() -> None:
    """Else it would keep its place and its source for ever."""
    async with (
        served(keep_alive_s=0.2) as server,
        client_of(server) as http,
        open_stream(http, "subscription { flood }"),
        asyncio.timeout(10),
    ):
        await server.source.closed.wait()


async def test_a_stopping_server_ends_its_streams() -> None:
    """At once, and without completing them: clients have to ask another server to go on."""
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(served())
        async with client_of(server) as http, open_stream(http, "subscription { silent }") as chunks:
            assert await anext(chunks) == PING
            async with asyncio.timeout(5):
                await running.aclose()
            assert [chunk async for chunk in chunks] == []
        assert server.source.closed.is_set()


async def test_a_stopping_server_lets_a_mutation_end() -> None:
    """As any request in flight: it is no subscription just because its answer is a stream."""
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(served())
        async with client_of(server) as http:
            answer = asyncio.create_task(ask(http, "mutation { wait }"))
            await server.source.listening.wait()
            stopping = asyncio.create_task(running.aclose())
            await server.subscribers.leaving.wait()
            for _ in range(10):  # whoever was woken by that has had its say
                await asyncio.sleep(0)
            server.source.goes_on.set()
            assert events(await answer) == [{"data": {"wait": 1}}]
            await stopping


async def test_a_stream_is_opened_before_anything_is_sent_in_it() -> None:
    """Also with a slow opening, and with two to speak."""
    ended = asyncio.Event()
    sent: list[str] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(0.01)  # as for a socket that does not drain
        sent.append(message["type"])

    async def receive() -> Any:
        await ended.wait()

    async def results() -> AsyncGenerator[ExecutionResult, None]:
        await asyncio.sleep(0)
        yield ExecutionResult(data={"count": 1}, errors=None)

    started = asyncio.Event()
    started.set()
    subscribers = Subscribers(most=1, keep_alive_s=15)
    stream = EventStream(
        results(),
        started=started,
        refuse=Response,
        subscribers=subscribers,
        watch=lambda: OPEN.watch(ANONYMOUS),
    )
    await stream({"type": "http"}, receive, send)
    assert sent == ["http.response.start", *["http.response.body"] * 4]
