"""Operations over WebSocket, and their ends."""

import httpx2
import pytest
from structlog.testing import capture_logs

from tests.http.graphql.streams import Served
from tests.http.graphql.websocket_client import (
    ACK,
    HELLO,
    asked,
    connected_to,
    heard,
    say,
    socket_to,
    subscribe,
)
from tests.world import World

BAD_INPUT: dict[str, object] = {"code": "BAD_USER_INPUT", "argument": "thing"}


async def test_every_kind_of_operation_is_answered(streaming: Served) -> None:
    """A query, a mutation with variables and a subscription, one after the other under the same id."""
    add = "mutation Add($number: Int!) { add(number: $number) }"
    async with connected_to(streaming.address) as socket:
        assert await asked(socket, "{ hello }") == HELLO
        added = await asked(socket, add, variables={"number": 2}, operationName="Add", extensions=None)
        assert added == [{"data": {"add": 2}}, None]
        counted = await asked(socket, "subscription { count(to: 2) }")
        assert counted == [{"data": {"count": 1}}, {"data": {"count": 2}}, None]


async def test_an_empty_name_chooses_nothing(streaming: Served) -> None:
    """Clients with a choice send it before one is made; over HTTP it counts as absent, too."""
    async with connected_to(streaming.address) as socket:
        assert await asked(socket, "{ hello }", operationName="") == HELLO


async def test_operations_run_beside_each_other(streaming: Served) -> None:
    """A silent subscription holds no other up, and is heard as soon as it speaks."""
    async with connected_to(streaming.address) as socket:
        await subscribe(socket, "subscription { silent }", key="silent")
        await streaming.source.listening.wait()
        assert await asked(socket, "{ hello }") == HELLO
        streaming.source.goes_on.set()
        event = {"type": "next", "id": "silent", "payload": {"data": {"silent": 1}}}
        assert await heard(socket) == event
        assert await heard(socket) == {"type": "complete", "id": "silent"}


ENDED: dict[str, tuple[str, str, dict[str, object]]] = {
    "syntax": ("{", "Syntax Error: Expected Name, found <EOF>.", {"code": "GRAPHQL_PARSE_FAILED"}),
    "empty": ("", "There is no `query`.", {"code": "BAD_REQUEST"}),
    "no_operation": (
        "fragment F on Query { hello }",
        "The document has no operation.",
        {"code": "OPERATION_RESOLUTION_FAILURE"},
    ),
    "no_choice": (
        "query A { hello } query B { hello }",
        "The document has several operations: name one of them in `operationName`.",
        {"code": "OPERATION_RESOLUTION_FAILURE"},
    ),
    "unknown_field": (
        "{ nope }",
        "Cannot query field 'nope' on type 'Query'.",
        {"code": "GRAPHQL_VALIDATION_FAILED"},
    ),
    "variable_of_a_query": (
        "query($name: String!) { hello(name: $name) }",
        "Variable '$name' has invalid value: Expected a value of non-null type 'String!' to be provided.",
        {"code": "BAD_USER_INPUT"},
    ),
    "variable_of_a_subscription": (
        "subscription($to: Int!) { count(to: $to) }",
        "Variable '$to' has invalid value: Expected a value of non-null type 'Int!' to be provided.",
        {"code": "BAD_USER_INPUT"},
    ),
    "refused_by_the_source": ("subscription { refused }", "no such thing", BAD_INPUT),
}


@pytest.mark.parametrize(("query", "message", "extensions"), ENDED.values(), ids=ENDED.keys())
async def test_an_error_ends_its_operation_alone(
    streaming: Served, query: str, message: str, extensions: dict[str, object]
) -> None:
    """It has our code, and the connection goes on."""
    async with connected_to(streaming.address) as socket:
        (errors,) = await asked(socket, query)
        assert [(error["message"], error["extensions"]) for error in errors] == [(message, extensions)]
        assert await asked(socket, "{ hello }") == HELLO


async def test_a_source_that_gives_up_ends_its_operation_alone(streaming: Served) -> None:
    """So does a feed with a slow reader: after the sent events comes the error's own code."""
    async with connected_to(streaming.address) as socket:
        *events, errors = await asked(socket, "subscription { fails(after: 2) }")
        assert events == [{"data": {"fails": 0}}, {"data": {"fails": 1}}]
        assert errors == [
            {"message": "read faster", "extensions": {"code": "SUBSCRIBER_TOO_SLOW", "missed": 7}}
        ]
        assert await asked(socket, "{ hello }") == HELLO


async def test_an_error_of_a_field_comes_with_its_event(streaming: Served) -> None:
    """And the stream goes on."""
    async with connected_to(streaming.address) as socket:
        *events, end = await asked(socket, "subscription { things { number broken } }")
    assert end is None
    assert [event["data"]["things"] for event in events] == [
        {"number": 1, "broken": None},
        {"number": 2, "broken": None},
    ]
    (error,) = events[0]["errors"]
    assert (error["path"], error["extensions"]) == (["things", "broken"], BAD_INPUT)


@pytest.mark.parametrize(
    ("query", "path"), [("{ crashes }", ["crashes"]), ("subscription { crashes }", None)]
)
async def test_an_unexpected_error_is_masked(streaming: Served, query: str, path: list[str] | None) -> None:
    """Clients get the connection's id; under it the error is logged once with its traceback."""
    with capture_logs() as logs:
        async with connected_to(streaming.address, additional_headers={"X-Request-Id": "mine"}) as socket:
            told = await asked(socket, query)
    errors = told[-1] or told[-2]["errors"]
    assert errors[0].get("path") == path
    assert errors[0]["message"] == "Something went wrong on the server. It has been logged."
    assert errors[0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "mine"}
    (line,) = [line for line in logs if line["log_level"] == "error"]
    assert (line["event"], line["request_id"], str(line["exc_info"])) == (
        "unexpected error",
        "mine",
        "a secret",
    )


async def test_a_crash_before_an_operation_is_masked(streaming: Served) -> None:
    """It ends the operation alone, and is logged under the connection's id."""
    with capture_logs() as logs:
        async with socket_to(streaming.address, additional_headers={"X-Request-Id": "mine"}) as socket:
            await say(socket, {"type": "connection_init", "payload": {"Authorization": "Bearer broken"}})
            assert await heard(socket) == ACK
            (errors,) = await asked(socket, "{ hello }")
            await say(socket, {"type": "ping"})
            assert await heard(socket) == {"type": "pong"}
    assert errors == [
        {
            "message": "Something went wrong on the server. It has been logged.",
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "mine"},
        }
    ]
    assert [(line["event"], line["request_id"]) for line in logs] == [("unexpected error", "mine")]


async def test_a_connection_has_an_id_and_a_caller(streaming: Served) -> None:
    """The client's own id if it sent one; the caller is made of connection_init's payload."""
    async with socket_to(streaming.address, additional_headers={"X-Request-Id": "mine"}) as socket:
        assert socket.response is not None
        assert socket.response.headers["X-Request-Id"] == "mine"
        await say(socket, {"type": "connection_init", "payload": {"Authorization": "bearer ann"}})
        assert await heard(socket) == ACK
        assert await asked(socket, "{ whoami }") == [{"data": {"whoami": ["ann", "mine"]}}, None]


async def test_pings_are_answered_at_any_time(streaming: Served) -> None:
    """Before the acknowledgement too; a pong says nothing."""
    async with socket_to(streaming.address) as socket:
        await say(socket, {"type": "pong", "payload": {}})
        await say(socket, {"type": "ping", "payload": {"a": 1}})
        assert await heard(socket) == {"type": "pong"}
        await say(socket, {"type": "connection_init", "payload": None})
        assert await heard(socket) == ACK


async def test_complete_ends_an_operation_and_frees_its_id(streaming: Served) -> None:
    """Its source is closed; an unknown id completes nothing."""
    async with connected_to(streaming.address) as socket:
        await subscribe(socket, "subscription { silent }")
        await streaming.source.listening.wait()
        await say(socket, {"type": "complete", "id": "another"})
        await say(socket, {"type": "complete", "id": "1"})
        await streaming.source.closed.wait()
        assert await asked(socket, "{ hello }") == HELLO


async def test_a_client_that_vanishes_closes_its_sources(streaming: Served) -> None:
    """Without a word, as when a cable is pulled; its place is free again."""
    with capture_logs() as logs:
        async with connected_to(streaming.address) as socket:
            await subscribe(socket, "subscription { silent }", key="a")
            await subscribe(socket, "subscription { silent }", key="b")
            await asked(socket, "{ hello }")
            assert streaming.source.open == 2
            socket.transport.abort()
            await streaming.source.closed.wait()
        async with connected_to(streaming.address) as socket:
            assert await asked(socket, "{ hello }") == HELLO
    assert streaming.source.open == 0
    assert logs == []


async def test_the_real_schema_is_served(world: World, http: httpx2.AsyncClient) -> None:
    """On the endpoint of everything else, to everybody, with its limits and its codes."""
    create = "mutation($input: CreateDbConnectionInput!) { createDbConnection(input: $input) { id alias } }"
    given = {"alias": "library", "dialect": "postgres"}
    address = http.base_url.netloc.decode()
    async with connected_to(address) as socket:
        created, _ = await asked(socket, create, variables={"input": given})
        (stored,) = await world.database["db_connections"].find().to_list()
        assert created == {"data": {"createDbConnection": {"id": str(stored["_id"]), "alias": "library"}}}
        (errors,) = await asked(socket, "{")
        assert errors[0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
        looked, _ = await asked(socket, '{ finetuning(id: "x") { id } }')
        assert looked["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "argument": "id"}
