"""Warnings of golden records, and filtered lists."""

from typing import Any

import pytest

from graphql_api.documents import GoldenRecord
from tests.schema.conftest import Client
from tests.schema.test_catalogue import bad_input
from tests.schema.test_catalogue_changes import ADD, UPDATE_RECORD, one_record


async def test_warnings_are_told_with_their_place(client: Client) -> None:
    """A record with a warning is stored all the same."""
    connection = await client.world.connection(golden_records=0)
    given = [
        {"promptText": "a", "sql": "SELECT 1\nFRM author x y"},
        {"promptText": "b", "sql": "DROP TABLE author"},
        {"promptText": "c", "sql": "SELECT 1"},
    ]
    added = (await client.data(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": given}))[
        "addGoldenRecords"
    ]
    syntax = {
        "code": "SQL_SYNTAX",
        "message": "The SQL cannot be parsed as postgres near 'author'.",
        "line": 2,
        "column": 5,
    }
    not_one = {"code": "SQL_NOT_ONE_QUERY", "message": "The SQL is not one query and nothing else."}
    assert [one["warnings"] for one in added] == [[syntax], [not_one | {"line": None, "column": None}], []]


async def test_strict_servers_refuse_what_is_not_one_query(client: Client) -> None:
    """The record is named by its index, the place by line and column; nothing is stored."""
    connection = await client.world.connection(golden_records=0)
    client.sql_check.mode = "strict"
    given = [{"promptText": "c", "sql": "SELECT 1"}, {"promptText": "a", "sql": "SELECT 1\nFRM author x y"}]
    refusal = await client.refusal(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": given})
    assert refusal == {
        "message": "goldenRecords[1].sql: The SQL cannot be parsed as postgres near 'author'. "
        "Line 2, column 5.",
        "argument": "goldenRecords[1].sql",
        "line": 2,
        "column": 5,
        "code": "BAD_USER_INPUT",
    }
    assert await GoldenRecord.count() == 0
    record = await one_record(client)
    refusal = await client.refusal(UPDATE_RECORD, id=str(record.id), input={"sql": "DROP TABLE a"})
    assert refusal == bad_input("sql: The SQL is not one query and nothing else.", "sql")
    assert await GoldenRecord.get(record.id) == record


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


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"alias": "LIB"}, ["library", "Old library"]),
        ({"dialect": "mysql"}, ["Old library"]),
        ({"dialect": "postgres", "alias": "old"}, []),
        ({"createdBefore": "2001-01-01T00:00:00Z"}, []),
    ],
)
async def test_connections_are_filtered(client: Client, conditions: dict[str, Any], found: list[str]) -> None:
    """By a part of the alias, by dialect and by time."""
    create = "mutation($input: CreateDbConnectionInput!) { createDbConnection(input: $input) { id } }"
    for alias, dialect in (("Old library", "mysql"), ("library", "postgres")):
        await client.data(create, input={"alias": alias, "dialect": dialect})
    query = "query Q($filter: DbConnectionFilter) { dbConnections(filter: $filter) { nodes { alias } } }"
    nodes = (await client.data(query, filter=conditions))["dbConnections"]["nodes"]
    assert [one["alias"] for one in nodes] == found


async def test_a_search_for_nothing_is_bad_input(client: Client) -> None:
    """As is one for more than anybody types."""
    query = "query Q($filter: GoldenRecordFilter) { goldenRecords(filter: $filter) { nodes { id } } }"
    assert await client.refusal(query, filter={"text": ""}) == bad_input("text must not be empty.", "text")
    too_long = bad_input("text must have at most 200 characters.", "text")
    assert await client.refusal(query, filter={"text": "x" * 201}) == too_long
