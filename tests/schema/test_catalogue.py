"""Database connections and golden records in the schema.

They are created, looked up, and kept from other tenants.
"""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import GoldenRecord
from tests.schema.conftest import Client

CREATE = """
mutation Create($input: CreateDbConnectionInput!) {
  createDbConnection(input: $input) { id alias dialect tableSchemas metadata createdAt }
}
"""
ADD = """
mutation Add($input: AddGoldenRecordsInput!) {
  addGoldenRecords(input: $input) { id dbConnectionId promptText sql metadata createdAt }
}
"""
CONNECTION = "query($id: ID!) { dbConnection(id: $id) { id alias dialect tableSchemas metadata createdAt } }"
CONNECTIONS = "{ dbConnections { nodes { id alias } } }"
RECORD = "query($id: ID!) { goldenRecord(id: $id) { id dbConnectionId promptText sql metadata createdAt } }"
RECORDS = "query($of: ID) { goldenRecords(dbConnectionId: $of, first: 100) { nodes { id } } }"
UNKNOWN_ID = "65f0c0ffee65f0c0ffee65f0"
LIBRARY = {"alias": "library", "dialect": "postgres"}
RIGHT = {"promptText": "How many books?", "sql": "SELECT count(*) FROM book"}


def bad_input(message: str, argument: str) -> dict[str, str]:
    """Return the error that names this argument."""
    return {"message": message, "argument": argument, "code": "BAD_USER_INPUT"}


async def test_a_connection_is_created_and_found(client: Client) -> None:
    """The given values come back, by its id and in the list."""
    given = {**LIBRARY, "tableSchemas": ["CREATE TABLE book (id int)"], "metadata": {"owner": "ada"}}
    created = (await client.data(CREATE, input=given))["createDbConnection"]
    assert created == {**given, "id": created["id"], "createdAt": created["createdAt"]}
    assert (await client.data(CONNECTION, id=created["id"]))["dbConnection"] == created
    listed = (await client.data(CONNECTIONS))["dbConnections"]["nodes"]
    assert listed == [{"id": created["id"], "alias": "library"}]


async def test_null_and_absent_options_are_the_same(client: Client) -> None:
    """A connection without tables has an empty list, and metadata stays null."""
    for options in ({}, {"tableSchemas": None, "metadata": None}):
        created = (await client.data(CREATE, input={**LIBRARY, **options}))["createDbConnection"]
        assert (created["tableSchemas"], created["metadata"]) == ([], None)


BAD_CONNECTIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "blank_alias": ({"alias": " "}, "alias must not be empty.", "alias"),
    "long_alias": ({"alias": "a" * 201}, "alias must have at most 200 characters.", "alias"),
    "blank_dialect": ({"dialect": ""}, "dialect must not be empty.", "dialect"),
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


@pytest.mark.parametrize(
    ("given", "message", "argument"), BAD_CONNECTIONS.values(), ids=BAD_CONNECTIONS.keys()
)
async def test_a_wrong_connection_is_not_stored(
    client: Client, given: dict[str, Any], message: str, argument: str
) -> None:
    """The argument that is wrong is named."""
    assert await client.refusal(CREATE, input={**LIBRARY, **given}) == bad_input(message, argument)
    assert await client.counts() == {"DbConnection": 0, "Finetuning": 0, "GoldenRecord": 0}


async def test_golden_records_are_added_and_found(client: Client) -> None:
    """In the order given; the list can be narrowed to a connection."""
    connection = await client.world.connection(golden_records=0)
    await client.world.connection(golden_records=2)
    given = [RIGHT, {"promptText": "Titles?", "sql": "SELECT title FROM book", "metadata": {"level": "easy"}}]
    added = (await client.data(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": given}))[
        "addGoldenRecords"
    ]
    assert [one["promptText"] for one in added] == ["How many books?", "Titles?"]
    assert [one["metadata"] for one in added] == [None, {"level": "easy"}]
    assert {one["dbConnectionId"] for one in added} == {str(connection.id)}
    assert (await client.data(RECORD, id=added[1]["id"]))["goldenRecord"] == added[1]
    narrowed = (await client.data(RECORDS, of=str(connection.id)))["goldenRecords"]["nodes"]
    assert {one["id"] for one in narrowed} == {one["id"] for one in added}
    assert len((await client.data(RECORDS, of=None))["goldenRecords"]["nodes"]) == 4
    assert len((await client.data(RECORDS))["goldenRecords"]["nodes"]) == 4


COUNT = "goldenRecords must have 1 to 1000 entries."
BAD_RECORDS: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "none": ([], COUNT, "goldenRecords"),
    "many": ([RIGHT] * 1001, COUNT, "goldenRecords"),
    "blank_question": (
        [RIGHT, {**RIGHT, "promptText": "\n"}],
        "goldenRecords[1].promptText must not be empty.",
        "goldenRecords[1].promptText",
    ),
    "blank_sql": (
        [{**RIGHT, "sql": ""}, RIGHT],
        "goldenRecords[0].sql must not be empty.",
        "goldenRecords[0].sql",
    ),
    "long_sql": (
        [RIGHT, RIGHT, {**RIGHT, "sql": "x" * 100_001}],
        "goldenRecords[2].sql must have at most 100000 characters.",
        "goldenRecords[2].sql",
    ),
    "metadata": (
        [RIGHT, {**RIGHT, "metadata": {"k": "v" * 513}}],
        "goldenRecords[1].metadata: the value of 'k' must have at most 512 characters.",
        "goldenRecords[1].metadata",
    ),
}


@pytest.mark.parametrize(("given", "message", "argument"), BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
async def test_one_wrong_record_keeps_all_from_being_stored(
    client: Client, given: list[dict[str, Any]], message: str, argument: str
) -> None:
    """It is named by its place."""
    connection = await client.world.connection(golden_records=0)
    error = await client.refusal(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": given})
    assert error == bad_input(message, argument)
    assert await GoldenRecord.find_all().count() == 0


async def test_a_thousand_records_can_be_added_at_once(client: Client) -> None:
    """The limit is inclusive."""
    connection = await client.world.connection(golden_records=0)
    await client.data(ADD, input={"dbConnectionId": str(connection.id), "goldenRecords": [RIGHT] * 1000})
    assert await GoldenRecord.find_all().count() == 1000


@pytest.mark.parametrize("given", ["x", UNKNOWN_ID])
async def test_records_need_a_connection(client: Client, given: str) -> None:
    """A malformed id is bad input, an unknown one is not found."""
    error = await client.refusal(ADD, input={"dbConnectionId": given, "goldenRecords": [RIGHT]})
    not_found = {
        "message": f"There is no database connection {UNKNOWN_ID}.",
        "dbConnectionId": UNKNOWN_ID,
        "code": "DB_CONNECTION_NOT_FOUND",
    }
    malformed = bad_input("dbConnectionId must be an id of 24 hexadecimal digits.", "dbConnectionId")
    assert error == (not_found if given == UNKNOWN_ID else malformed)
    assert await GoldenRecord.find_all().count() == 0


@pytest.mark.parametrize("query", [CONNECTION, RECORD])
async def test_a_look_up_of_nothing_is_null_and_of_nonsense_an_error(client: Client, query: str) -> None:
    """A malformed id cannot be anybody's."""
    assert set((await client.data(query, id=UNKNOWN_ID)).values()) == {None}
    error = await client.refusal(query, id="x")
    assert error == bad_input("id must be an id of 24 hexadecimal digits.", "id")


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
