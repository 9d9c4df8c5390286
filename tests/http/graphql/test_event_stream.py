"""Operations over server-sent events."""

from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from tests.http.graphql.event_stream_client import STREAM, ask, events, without_pings
from tests.http.graphql.streams import Served


async def test_a_subscription_is_framed_as_its_clients_expect(event_http: httpx2.AsyncClient) -> None:
    """Line feeds alone, one event for each result, one at the end; no proxy may keep or change it."""
    response = await ask(event_http, "subscription { count(to: 2) }")
    assert without_pings(response.content) == (
        b'event: next\ndata: {"data":{"count":1}}\n\n'
        b'event: next\ndata: {"data":{"count":2}}\n\n'
        b"event: complete\ndata:\n\n"
    )
    assert response.headers["cache-control"] == "no-store, no-transform"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.headers["vary"] == "Accept"
    assert "content-encoding" not in response.headers


async def test_a_frame_is_one_line_to_every_reader(event_http: httpx2.AsyncClient) -> None:
    """Clients that split text at any end of a line, as Python does, read whole frames, too."""
    name = "a\u2028b\u2029c\u0085d\n\v"
    response = await ask(event_http, "query($name: String!) { hello(name: $name) }", variables={"name": name})
    assert events(response) == [{"data": {"hello": f"hello {name}"}}]
    text = without_pings(response.content).decode()
    assert text.splitlines() == text.split("\n")[:-1]


async def test_every_kind_of_operation_is_answered(streaming: Served, event_http: httpx2.AsyncClient) -> None:
    """By POST all of them, by GET those that change nothing, as a browser's EventSource asks."""
    add = "mutation Add($number: Int!) { add(number: $number) }"
    assert events(await ask(event_http, "{ hello }")) == [{"data": {"hello": "hello you"}}]
    added = await ask(event_http, add, variables={"number": 2}, operationName="Add", extensions=None)
    assert events(added) == [{"data": {"add": 2}}]
    query = "subscription($to: Int!) { count(to: $to) }"
    counted = await event_http.get(
        "/graphql", params={"query": query, "variables": '{"to": 1}'}, headers=STREAM
    )
    assert events(counted) == [{"data": {"count": 1}}]
    forbidden = await event_http.get(
        "/graphql", params={"query": "mutation { add(number: 1) }"}, headers=STREAM
    )
    assert (forbidden.status_code, forbidden.headers["allow"]) == (405, "POST")
    assert streaming.source.added == 2


async def test_a_stream_has_the_request_id(event_http: httpx2.AsyncClient) -> None:
    """The client's own if it sent one."""
    response = await event_http.post(
        "/graphql", json={"query": "{ whoami }"}, headers={**STREAM, "X-Request-Id": "mine"}
    )
    assert response.headers["x-request-id"] == "mine"
    assert events(response) == [{"data": {"whoami": [None, "mine"]}}]


BAD_INPUT = {"code": "BAD_USER_INPUT", "argument": "thing"}
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
    event_http: httpx2.AsyncClient, accept: str, is_stream: bool
) -> None:
    """Some clients mention event streams with every request, and want JSON."""
    response = await event_http.post("/graphql", json={"query": "{ hello }"}, headers={"Accept": accept})
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
    event_http: httpx2.AsyncClient, query: str, payload: dict[str, Any], code: str
) -> None:
    """There is no stream, and a status that says so: clients do not try again."""
    response = await ask(event_http, query, **payload)
    assert response.status_code == 400
    assert "json" in response.headers["content-type"]
    assert set(response.json()) == {"errors"}
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {code}


async def test_head_begins_no_stream(streaming: Served, event_http: httpx2.AsyncClient) -> None:
    """Its answer would have no end, and no reader."""
    query = {"query": "subscription { silent }"}
    response = await event_http.head("/graphql", params=query, headers={"accept": "text/event-stream"})
    assert response.status_code == 406
    assert streaming.source.open == 0
    one_of_two = {"accept": "text/event-stream, application/json;q=0.1"}
    response = await event_http.head("/graphql", params={"query": "{ hello }"}, headers=one_of_two)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_a_subscription_without_a_stream_is_refused(event_http: httpx2.AsyncClient) -> None:
    """One response has no room for it."""
    response = await event_http.post("/graphql", json={"query": "subscription { count(to: 1) }"})
    assert response.status_code == 400
    assert "json" in response.headers["content-type"]


async def test_what_a_source_refuses_before_it_listens_is_one_response(
    event_http: httpx2.AsyncClient,
) -> None:
    """However long it took to find out: there is no stream that would only have to be closed again."""
    response = await ask(event_http, "subscription { refused }")
    assert response.status_code == 400
    assert "json" in response.headers["content-type"]
    assert response.json() == {"errors": [{"message": "no such thing", "extensions": BAD_INPUT}]}


async def test_a_source_that_gives_up_ends_its_stream(event_http: httpx2.AsyncClient) -> None:
    """So does a feed with a slow reader: after the sent events comes the error's own code."""
    *before, last = events(await ask(event_http, "subscription { fails(after: 2) }"))
    assert before == [{"data": {"fails": 0}}, {"data": {"fails": 1}}]
    told = {"message": "read faster", "extensions": {"code": "SUBSCRIBER_TOO_SLOW", "missed": 7}}
    assert last == {"errors": [told]}


async def test_an_error_of_a_field_comes_with_its_event(event_http: httpx2.AsyncClient) -> None:
    """And the stream goes on."""
    told = events(await ask(event_http, "subscription { things { number broken } }"))
    assert [one["data"]["things"]["number"] for one in told] == [1, 2]
    assert [one["errors"][0]["extensions"] for one in told] == [BAD_INPUT, BAD_INPUT]
    assert told[0]["errors"][0]["path"] == ["things", "broken"]


async def test_an_unexpected_error_is_masked(event_http: httpx2.AsyncClient) -> None:
    """It is logged once, under the client's id."""
    with capture_logs() as logs:
        response = await event_http.post(
            "/graphql",
            json={"query": "subscription { crashes }"},
            headers={**STREAM, "X-Request-Id": "mine"},
        )
    *_, last = events(response)
    assert last["errors"][0]["message"] == "Something went wrong on the server. It has been logged."
    assert last["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "mine"}
    assert [(line["request_id"], str(line["exc_info"])) for line in logs] == [("mine", "a secret")]
