"""The changes to database connections."""

from typing import Any

import pytest

from tests.schema.catalogue import ADD, bad_input, one_record
from tests.schema.conftest import Client
from tests.world import TABLE

CREATE = """
mutation Create($input: CreateDbConnectionInput!) {
  createDbConnection(input: $input) { id alias dialect tableSchemas metadata createdAt }
}
"""

CONNECTION = "query($id: ID!) { dbConnection(id: $id) { id alias dialect tableSchemas metadata createdAt } }"

LIBRARY = {"alias": "library", "dialect": "postgres"}

BAD_CONNECTIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "blank_alias": ({"alias": " "}, "alias must not be empty.", "alias"),
    "long_alias": ({"alias": "a" * 201}, "alias must have at most 200 characters.", "alias"),
    "blank_dialect": ({"dialect": ""}, "dialect must not be empty.", "dialect"),
    "typo_dialect": (
        {"dialect": "postgre"},
        "The dialect 'postgre' is not known. Did you mean 'postgres'?",
        "dialect",
    ),
    "long_dialect": ({"dialect": "d" * 65}, "dialect must have at most 64 characters.", "dialect"),
    "many_tables": (
        {"tableSchemas": ["x"] * 1001},
        "tableSchemas must have at most 1000 entries.",
        "tableSchemas",
    ),
    "blank_table": ({"tableSchemas": ["x", ""]}, "tableSchemas[1] must not be empty.", "tableSchemas[1]"),
    "long_table": (
        {"tableSchemas": ["x" * 100_001]},
        "tableSchemas[0] must have at most 100000 characters.",
        "tableSchemas[0]",
    ),
    "lone_surrogate": (
        {"alias": "a\ud800"},
        "alias must be valid Unicode, without lone surrogates.",
        "alias",
    ),
    "metadata": ({"metadata": {"n": 1}}, "metadata: the value of 'n' must be a string.", "metadata"),
}


UPDATE_CONNECTION = """
mutation Update($id: ID!, $input: UpdateDbConnectionInput!) {
  updateDbConnection(dbConnectionId: $id, input: $input) {
    id alias dialect tableSchemas metadata createdAt updatedAt
  }
}
"""


DELETE_CONNECTION = """
mutation D($id: ID!) { deleteDbConnection(dbConnectionId: $id) { dbConnectionId deletedAt } }
"""


RECORDS = "query R($of: ID) { goldenRecords(dbConnectionId: $of) { nodes { id } } }"


CONNECTIONS = "{ dbConnections { nodes { id } } }"
NAMED_CONNECTIONS = "{ dbConnections { nodes { id alias } } }"


async def test_of_a_connection_what_is_given_is_set_and_the_rest_stays(client: Client) -> None:
    """Null is a value: it removes the tables or the metadata."""
    connection = await client.world.connection(golden_records=0)
    before: dict[str, Any] = {"alias": "library", "dialect": "postgres", "tableSchemas": [TABLE]}
    before |= {"metadata": None}
    for given in (
        {"metadata": {"owner": "ada"}},
        {"alias": "$alias"},
        {"dialect": "mysql", "tableSchemas": ["CREATE TABLE a (b int)", "CREATE TABLE c (d int)"]},
        {"tableSchemas": None},
        {"metadata": None},
    ):
        answer = (await client.data(UPDATE_CONNECTION, id=str(connection.id), input=given))[
            "updateDbConnection"
        ]
        before |= given if given != {"tableSchemas": None} else {"tableSchemas": []}
        assert {name: answer[name] for name in before} == before
        assert answer["createdAt"] == connection.created_at.isoformat()
        assert answer["updatedAt"] > answer["createdAt"]


async def test_a_deleted_connection_takes_its_records_along(client: Client) -> None:
    """And no other's; asking again answers the same."""
    record = await one_record(client)
    kept = await client.world.connection(golden_records=2)
    connection_id = str(record.db_connection_id)
    deleted = await client.data(DELETE_CONNECTION, id=connection_id)
    assert deleted["deleteDbConnection"]["dbConnectionId"] == connection_id
    assert await client.data(DELETE_CONNECTION, id=connection_id) == deleted
    assert await client.data(CONNECTIONS) == {"dbConnections": {"nodes": [{"id": str(kept.id)}]}}
    assert len((await client.data(RECORDS))["goldenRecords"]["nodes"]) == 2
    assert (await client.data(RECORDS, of=connection_id))["goldenRecords"]["nodes"] == []
    adding = {"dbConnectionId": connection_id, "goldenRecords": [{"promptText": "a", "sql": "SELECT 1"}]}
    create = "mutation($input: CreateFinetuningInput!) { createFinetuning(input: $input) { id } }"
    for mutation, given in ((ADD, adding), (create, {"dbConnectionId": connection_id})):
        assert (await client.refusal(mutation, input=given))["code"] == "DB_CONNECTION_NOT_FOUND"
    error = await client.refusal(UPDATE_CONNECTION, id=connection_id, input={"alias": "a"})
    assert error["code"] == "DB_CONNECTION_NOT_FOUND"


async def test_a_connection_in_use_is_not_deleted(client: Client) -> None:
    """The refusal names the live finetunings; after their end it is deleted."""
    connection = await client.world.connection()
    created = await client.world.create(db_connection_id=str(connection.id))
    assert await client.refusal(DELETE_CONNECTION, id=str(connection.id)) == {
        "message": f"Database connection {connection.id} is used by finetunings that have not ended: "
        f"{created.id}. Cancel them or wait for their end, then ask again.",
        "dbConnectionId": str(connection.id),
        "finetunings": [str(created.id)],
        "code": "DB_CONNECTION_IN_USE",
    }
    assert await client.counts() == {"DbConnection": 1, "Finetuning": 1, "GoldenRecord": 10}
    await client.world.create(db_connection_id=str(connection.id))
    await client.world.cancel(created)
    (left,) = (await client.refusal(DELETE_CONNECTION, id=str(connection.id)))["finetunings"]
    await client.world.cancel(left)
    await client.data(DELETE_CONNECTION, id=str(connection.id))
    finetuning = "query($id: ID!) { finetuning(id: $id) { dbConnectionId dbConnection { id } } }"
    assert (await client.data(finetuning, id=left))["finetuning"] == {
        "dbConnectionId": str(connection.id),
        "dbConnection": None,
    }


async def test_a_connection_is_created_and_found(client: Client) -> None:
    """The given values come back, by its id and in the list."""
    given = {**LIBRARY, "tableSchemas": ["CREATE TABLE book (id int)"], "metadata": {"owner": "ada"}}
    created = (await client.data(CREATE, input=given))["createDbConnection"]
    assert created == {**given, "id": created["id"], "createdAt": created["createdAt"]}
    assert (await client.data(CONNECTION, id=created["id"]))["dbConnection"] == created
    listed = (await client.data(NAMED_CONNECTIONS))["dbConnections"]["nodes"]
    assert listed == [{"id": created["id"], "alias": "library"}]


async def test_null_and_absent_options_are_the_same(client: Client) -> None:
    """A connection without tables has an empty list, and metadata stays null."""
    for options in ({}, {"tableSchemas": None, "metadata": None}):
        created = (await client.data(CREATE, input={**LIBRARY, **options}))["createDbConnection"]
        assert (created["tableSchemas"], created["metadata"]) == ([], None)


@pytest.mark.parametrize(
    ("given", "message", "argument"), BAD_CONNECTIONS.values(), ids=BAD_CONNECTIONS.keys()
)
async def test_a_wrong_connection_is_not_stored(
    client: Client, given: dict[str, Any], message: str, argument: str
) -> None:
    """The argument that is wrong is named."""
    assert await client.refusal(CREATE, input={**LIBRARY, **given}) == bad_input(message, argument)
    assert await client.counts() == {"DbConnection": 0, "Finetuning": 0, "GoldenRecord": 0}
