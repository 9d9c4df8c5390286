"""Operations over server-sent events: what is a stream, what ends it, and what is left then."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import orjson
import pytest
from structlog.testing import capture_logs

from tests.http.streams import Served, served

STREAM = {"Accept": "text/event-stream"}
BAD_INPUT = {"code": "BAD_USER_INPUT", "argument": "thing"}
COMPLETE = b"event: complete\ndata:\n\n"
PING = b":\n\n"


@asynccontextmanager
async def client_of(server: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Open a client of the endpoint."""
    url = f"http://{server.address}"
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
        yield http


@pytest.fixture
async def http(streaming: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of the server with the default settings."""
    async with client_of(streaming) as http:
        yield http


async def ask(http: httpx2.AsyncClient, query: str, **payload: Any) -> httpx2.Response:
    """Ask for a stream and read it to its end."""
    return await http.post("/graphql", json={"query": query, **payload}, headers=STREAM)


def without_pings(content: bytes) -> bytes:
    """Return a stream without its comments, which come when they will."""
    return re.sub(rb"(?m)^:\n\n", b"", content)


def events(response: httpx2.Response) -> list[Any]:
    """Return the payloads of a stream that is complete."""
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    *nexts, complete, rest = without_pings(response.content).split(b"\n\n")
    assert (complete + b"\n\n", rest) == (COMPLETE, b"")
    lines = [one.split(b"\n") for one in nexts]
    assert {head for head, _ in lines} <= {b"event: next"}
    return [orjson.loads(data.removeprefix(b"data: ")) for _, data in lines]


@asynccontextmanager
async def open_stream(http: httpx2.AsyncClient, query: str) -> AsyncIterator[AsyncIterator[bytes]]:
    """Open a stream and yield its chunks."""
    async with http.stream("POST", "/graphql", json={"query": query}, headers=STREAM) as response:
        assert response.status_code == 200
        yield response.aiter_raw()


async def test_a_subscription_is_framed_as_its_clients_expect(http: httpx2.AsyncClient) -> None:
    """Line feeds alone, one event for each result, one at the end; no proxy may keep or change it."""
    response = await ask(http, "subscription { count(to: 2) }")
    assert without_pings(response.content) == (
        b'event: next\ndata: {"data":{"count":1}}\n\n'
        b'event: next\ndata: {"data":{"count":2}}\n\n'
        b"event: complete\ndata:\n\n"
    )
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.headers["vary"] == "Accept"
    assert "content-encoding" not in response.headers


async def test_every_kind_of_operation_is_answered(streaming: Served, http: httpx2.AsyncClient) -> None:
    """By POST all of them, by GET those that change nothing, as a browser's EventSource asks."""
    add = "mutation Add($number: Int!) { add(number: $number) }"
    assert events(await ask(http, "{ hello }")) == [{"data": {"hello": "hello you"}}]
    added = await ask(http, add, variables={"number": 2}, operationName="Add", extensions=None)
    assert events(added) == [{"data": {"add": 2}}]
    query = "subscription($to: Int!) { count(to: $to) }"
    counted = await http.get("/graphql", params={"query": query, "variables": '{"to": 1}'}, headers=STREAM)
    assert events(counted) == [{"data": {"count": 1}}]
    forbidden = await http.get("/graphql", params={"query": "mutation { add(number: 1) }"}, headers=STREAM)
    assert forbidden.status_code == 400
    assert streaming.source.added == 2


async def test_a_stream_has_the_request_id(http: httpx2.AsyncClient) -> None:
    """The client's own if it sent one."""
    response = await http.post(
        "/graphql", json={"query": "{ whoami }"}, headers={**STREAM, "X-Request-Id": "mine"}
    )
    assert response.headers["x-request-id"] == "mine"
    assert events(response) == [{"data": {"whoami": [None, "mine"]}}]


URQL = "application/graphql-response+json, application/graphql+json, application/json"


@pytest.mark.parametrize(
    ("accept", "is_stream"),
    [
        ("text/event-stream", True),
        ("text/event-stream;charset=utf-8", True),
        ("text/event-stream, multipart/mixed", True),
        ("text/event-stream, application/json", True),
        ("application/json;q=0.5, text/event-stream", True),
        (f"{URQL}, text/event-stream, multipart/mixed", False),
        ("application/json, text/event-stream", False),
        ("text/event-stream;q=0.5, application/json", False),
        ("*/*", False),
        ("*/*, text/event-stream;q=0.9", False),
    ],
)
async def test_only_the_first_choice_is_streamed(
    http: httpx2.AsyncClient, accept: str, is_stream: bool
) -> None:
    """Some clients mention event streams with every request, and want JSON."""
    response = await http.post("/graphql", json={"query": "{ hello }"}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream") is is_stream


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "syntax": ("{", {}, "GRAPHQL_PARSE_FAILED"),
    "unknown_field": ("subscription { nope }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "no_choice": ("query A { hello } query B { hello }", {}, "OPERATION_RESOLUTION_FAILURE"),
    "unknown_name": ("query A { hello }", {"operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
    "no_operation": ("fragment F on Query { hello }", {}, "OPERATION_RESOLUTION_FAILURE"),
    "no_query": ("", {}, "BAD_REQUEST"),
    "bad_request": ("{ hello }", {"variables": []}, "BAD_REQUEST"),
    "variable_of_a_query": ("query($name: String!) { hello(name: $name) }", {}, "BAD_USER_INPUT"),
    "variable_of_a_subscription": ("subscription($to: Int!) { count(to: $to) }", {}, "BAD_USER_INPUT"),
}


@pytest.mark.parametrize(("query", "payload", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_cannot_be_run_is_refused_with_json(
    http: httpx2.AsyncClient, query: str, payload: dict[str, Any], code: str
) -> None:
    """There is no stream, and a status that says so: clients do not try again."""
    response = await ask(http, query, **payload)
    assert response.status_code == 400
    assert "json" in response.headers["content-type"]
    assert set(response.json()) == {"errors"}
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {code}


async def test_a_subscription_without_a_stream_is_refused(http: httpx2.AsyncClient) -> None:
    """One response has no room for it."""
    response = await http.post("/graphql", json={"query": "subscription { count(to: 1) }"})
    assert response.status_code == 400
    assert "json" in response.headers["content-type"]


async def test_what_a_source_refuses_comes_in_the_stream(http: httpx2.AsyncClient) -> None:
    """The stream is open by then; it is complete after the error."""
    refused = {"errors": [{"message": "no such thing", "extensions": BAD_INPUT}]}
    assert events(await ask(http, "subscription { refused }")) == [refused]


async def test_a_source_that_gives_up_ends_its_stream(http: httpx2.AsyncClient) -> None:
    """As a feed does with a reader that is too slow: after what was sent comes the error's own code."""
    *before, last = events(await ask(http, "subscription { fails(after: 2) }"))
    assert before == [{"data": {"fails": 0}}, {"data": {"fails": 1}}]
    told = {"message": "read faster", "extensions": {"code": "SUBSCRIBER_TOO_SLOW", "missed": 7}}
    assert last == {"errors": [told]}


async def test_an_error_of_a_field_comes_with_its_event(http: httpx2.AsyncClient) -> None:
    """And the stream goes on."""
    told = events(await ask(http, "subscription { things { number broken } }"))
    assert [one["data"]["things"]["number"] for one in told] == [1, 2]
    assert [one["errors"][0]["extensions"] for one in told] == [BAD_INPUT, BAD_INPUT]
    assert told[0]["errors"][0]["path"] == ["things", "broken"]


async def test_an_unexpected_error_is_masked(http: httpx2.AsyncClient) -> None:
    """It is logged once, under the id that the client gets."""
    with capture_logs() as logs:
        response = await http.post(
            "/graphql",
            json={"query": "subscription { crashes }"},
            headers={**STREAM, "X-Request-Id": "mine"},
        )
    *_, last = events(response)
    assert last["errors"][0]["message"] == "Something went wrong on the server. It has been logged."
    assert last["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "mine"}
    assert [(line["request_id"], str(line["exc_info"])) for line in logs] == [("mine", "a secret")]


async def test_a_stream_opens_before_its_first_event_and_stays_alive() -> None:
    """A comment at once and one at every interval, so that nothing on the way takes it for dead."""
    async with (
        served(keep_alive_s=0.05) as server,
        client_of(server) as http,
        open_stream(http, "subscription { silent }") as chunks,
    ):
        assert [await anext(chunks) for _ in range(3)] == [PING, PING, PING]
        server.source.goes_on.set()
        rest = b"".join([chunk async for chunk in chunks])
    assert without_pings(rest) == b'event: next\ndata: {"data":{"silent":1}}\n\n' + COMPLETE


async def test_a_client_that_leaves_closes_its_source(streaming: Served, http: httpx2.AsyncClient) -> None:
    """At once, and nothing of it is left."""
    async with open_stream(http, "subscription { silent }") as chunks:
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
    streaming: Served, http: httpx2.AsyncClient
) -> None:
    """Its source waits, nothing piles up in memory, others are served, and it can leave."""
    async with open_stream(http, "subscription { flood }"):
        await streaming.source.listening.wait()
        pulled = -1
        while pulled < streaming.source.pulled:
            pulled = streaming.source.pulled
            for _ in range(20):
                assert (await http.post("/graphql", json={"query": "{ hello }"})).status_code == 200
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
