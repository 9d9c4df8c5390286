"""The look-ups and the lists of golden records."""

from typing import Any

import pytest

from graphql_api.catalogue.sql_check import SqlCheck, SqlCheckMode
from tests.schema.catalogue import ADD, UNKNOWN_ID, bad_input
from tests.schema.conftest import Client

CONNECTION = "query($id: ID!) { dbConnection(id: $id) { id alias dialect tableSchemas metadata createdAt } }"

RECORD = "query($id: ID!) { goldenRecord(id: $id) { id dbConnectionId promptText sql metadata createdAt } }"


async def test_a_nul_is_looked_for_nowhere(client: Client) -> None:
    """It is the client's mistake, and told as that."""
    query = r'{ goldenRecords(filter: {text: "a\u0000b"}) { nodes { id } } }'
    assert await client.refusal(query) == bad_input("text must not have a NUL character.", "text")


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, "abc"),
        ({"text": "AUTHOR"}, "ab"),
        ({"text": "%"}, "c"),
        ({"text": "."}, ""),
        ({"hasWarnings": True}, "b"),
        ({"hasWarnings": False}, "ac"),
        ({"createdFrom": "2000-01-01T00:00:00Z", "createdBefore": "2001-01-01T00:00:00Z"}, ""),
        ({"createdFrom": "2000-01-01T00:00:00Z", "text": "select", "hasWarnings": None}, "abc"),
    ],
)
async def test_records_are_filtered(client: Client, conditions: dict[str, Any], found: str) -> None:
    """By text in either part, by warnings and by time; all conditions have to hold."""
    connection = await client.world.connection(golden_records=0)
    given = [
        {"promptText": "Which author? a", "sql": "SELECT 1"},
        {"promptText": "b", "sql": "select from author where"},
        {"promptText": "c", "sql": "SELECT 5 % 2"},
    ]
    await client.data(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": given})
    query = "query Q($filter: GoldenRecordFilter) { goldenRecords(filter: $filter) { nodes { promptText } } }"
    nodes = (await client.data(query, filter=conditions))["goldenRecords"]["nodes"]
    assert "".join(sorted(one["promptText"][-1] for one in nodes)) == found


async def test_a_search_for_nothing_is_bad_input(client: Client) -> None:
    """As is one for more than anybody types."""
    query = "query Q($filter: GoldenRecordFilter) { goldenRecords(filter: $filter) { nodes { id } } }"
    assert await client.refusal(query, filter={"text": ""}) == bad_input("text must not be empty.", "text")
    too_long = bad_input("text must have at most 200 characters.", "text")
    assert await client.refusal(query, filter={"text": "x" * 201}) == too_long


@pytest.mark.parametrize("query", [CONNECTION, RECORD])
async def test_a_look_up_of_nothing_is_null_and_of_nonsense_an_error(client: Client, query: str) -> None:
    """A malformed id cannot be anybody's."""
    assert set((await client.data(query, id=UNKNOWN_ID)).values()) == {None}
    error = await client.refusal(query, id="x")
    assert error == bad_input("id must be an id of 24 hexadecimal digits.", "id")


@pytest.mark.parametrize("mode", ["off", "warn", "strict"])
async def test_the_check_of_sql_is_told(client: Client, sql_check: SqlCheck, mode: SqlCheckMode) -> None:
    """So that a program knows before it sends anything if a record can be refused for its SQL."""
    sql_check.mode = mode
    assert await client.data("{ sqlCheck }") == {"sqlCheck": mode.upper()}
