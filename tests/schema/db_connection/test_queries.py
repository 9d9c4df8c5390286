"""The look-ups and the lists of database connections."""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import ANONYMOUS
from tests.schema.catalogue import ADD, RIGHT
from tests.schema.conftest import Client

CONNECTION = "query($id: ID!) { dbConnection(id: $id) { id alias dialect tableSchemas metadata createdAt } }"

CONNECTIONS = "{ dbConnections { nodes { id alias } } }"

RECORD = "query($id: ID!) { goldenRecord(id: $id) { id dbConnectionId promptText sql metadata createdAt } }"

RECORDS = "query($of: ID) { goldenRecords(dbConnectionId: $of, first: 100) { nodes { id } } }"


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"alias": "LIB"}, ["library", "Old library"]),
        ({"dialect": "mysql"}, ["Old library"]),
        ({"dialect": "postgres", "alias": "old"}, []),
        ({"named": "library"}, ["library"]),
        ({"named": "lib"}, []),
        ({"named": "library", "dialect": "mysql"}, []),
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


async def test_another_tenant_sees_nothing_of_it(client: Client) -> None:
    """Neither by id nor in a list, nor can it add anything."""
    connection = await client.world.connection()
    record = (await client.world.golden_record_ids(connection))[0]
    finetuning = await client.world.create(db_connection_id=str(connection.id))
    before = await client.counts()
    other = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    assert await other.data(CONNECTION, id=str(connection.id)) == {"dbConnection": None}
    assert await other.data(RECORD, id=str(record)) == {"goldenRecord": None}
    finetunings = "query($id: ID!) { finetuning(id: $id) { id } finetunings { nodes { id } } }"
    nothing: dict[str, Any] = {"finetuning": None, "finetunings": {"nodes": []}}
    assert await other.data(finetunings, id=str(finetuning.id)) == nothing
    assert await other.data(CONNECTIONS) == {"dbConnections": {"nodes": []}}
    assert await other.data(RECORDS, of=str(connection.id)) == {"goldenRecords": {"nodes": []}}
    error = await other.refusal(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": [RIGHT]})
    assert error["code"] == "DB_CONNECTION_NOT_FOUND"
    assert await client.counts() == before
