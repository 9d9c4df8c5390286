"""Changes and deletions in the catalogue.

Only their own tenant can change golden records and database connections.
"""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import DbConnection, GoldenRecord
from tests.schema.conftest import Client
from tests.schema.test_catalogue import UNKNOWN_ID, bad_input
from tests.world import TABLE

UPDATE_RECORD = """
mutation Update($id: ID!, $input: UpdateGoldenRecordInput!) {
  updateGoldenRecord(goldenRecordId: $id, input: $input) {
    id promptText sql metadata createdAt updatedAt warnings { code line column }
  }
}
"""
DELETE_RECORD = (
    "mutation D($id: ID!) { deleteGoldenRecord(goldenRecordId: $id) { goldenRecordId deletedAt } }"
)
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
ADD = """
mutation Add($input: AddGoldenRecordsInput!) {
  addGoldenRecords(input: $input) { promptText warnings { code message line column } }
}
"""
RECORDS = "query R($of: ID) { goldenRecords(dbConnectionId: $of) { nodes { id } } }"
CONNECTIONS = "{ dbConnections { nodes { id } } }"
UNKNOWN_RECORD = {
    "message": f"There is no golden record {UNKNOWN_ID}.",
    "goldenRecordId": UNKNOWN_ID,
    "code": "GOLDEN_RECORD_NOT_FOUND",
}
UNKNOWN_CONNECTION = {
    "message": f"There is no database connection {UNKNOWN_ID}.",
    "dbConnectionId": UNKNOWN_ID,
    "code": "DB_CONNECTION_NOT_FOUND",
}


async def one_record(client: Client) -> GoldenRecord:
    """Store a connection with one golden record, and return that."""
    await client.world.connection(golden_records=1)
    record = await GoldenRecord.find_one({"tenant": client.caller.tenant})
    assert record is not None
    return record


async def test_of_a_record_what_is_given_is_set_and_the_rest_stays(client: Client) -> None:
    """Null is a value: it removes the metadata; any other value replaces it as a whole."""
    record = await one_record(client)
    before: dict[str, Any] = {"promptText": record.prompt_text, "sql": record.sql, "metadata": None}
    changes: list[dict[str, Any]] = [
        {"metadata": {"a": "$b", "c": "d"}},
        {"promptText": "Who is author 0?"},
        {"sql": "SELECT name\nFROM author\nWHERE aid = 0"},
        {"metadata": {"level": "easy"}},
        {"promptText": "Who?", "sql": "SELECT 1", "metadata": None},
    ]
    for given in changes:
        answer = (await client.data(UPDATE_RECORD, id=str(record.id), input=given))["updateGoldenRecord"]
        before |= given
        assert {name: answer[name] for name in before} == before
        assert answer["createdAt"] == record.created_at.isoformat()
        assert answer["updatedAt"] > answer["createdAt"]


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


async def test_an_empty_update_changes_nothing(client: Client) -> None:
    """Not even the time of the last change."""
    record = await one_record(client)
    answer = (await client.data(UPDATE_RECORD, id=str(record.id), input={}))["updateGoldenRecord"]
    assert answer["updatedAt"] == record.created_at.isoformat()
    connection_id = str(record.db_connection_id)
    answer = (await client.data(UPDATE_CONNECTION, id=connection_id, input={}))["updateDbConnection"]
    assert answer["updatedAt"] == answer["createdAt"]


BAD_UPDATES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "null_question": (UPDATE_RECORD, {"promptText": None}, "promptText must be a string.", "promptText"),
    "null_sql": (UPDATE_RECORD, {"sql": None}, "sql must be a string.", "sql"),
    "blank_sql": (UPDATE_RECORD, {"sql": " "}, "sql must not be empty.", "sql"),
    "metadata": (
        UPDATE_RECORD,
        {"metadata": []},
        "metadata must be a map of strings to strings.",
        "metadata",
    ),
    "null_alias": (UPDATE_CONNECTION, {"alias": None}, "alias must be a string.", "alias"),
    "null_dialect": (UPDATE_CONNECTION, {"dialect": None}, "dialect must be a string.", "dialect"),
    "blank_table": (
        UPDATE_CONNECTION,
        {"alias": "x", "tableSchemas": [""]},
        "tableSchemas[0] must not be empty.",
        "tableSchemas[0]",
    ),
}


@pytest.mark.parametrize(
    ("mutation", "given", "message", "argument"), BAD_UPDATES.values(), ids=BAD_UPDATES.keys()
)
async def test_a_wrong_update_changes_nothing(
    client: Client, mutation: str, given: dict[str, Any], message: str, argument: str
) -> None:
    """The argument that is wrong is named."""
    record = await one_record(client)
    connection = await DbConnection.get(record.db_connection_id)
    of = record.id if mutation == UPDATE_RECORD else record.db_connection_id
    assert await client.refusal(mutation, id=str(of), input=given) == bad_input(message, argument)
    assert await GoldenRecord.get(record.id) == record
    assert await DbConnection.get(record.db_connection_id) == connection


@pytest.mark.parametrize(
    ("mutation", "argument", "not_found"),
    [
        (UPDATE_RECORD, "goldenRecordId", UNKNOWN_RECORD),
        (DELETE_RECORD, "goldenRecordId", UNKNOWN_RECORD),
        (UPDATE_CONNECTION, "dbConnectionId", UNKNOWN_CONNECTION),
        (DELETE_CONNECTION, "dbConnectionId", UNKNOWN_CONNECTION),
    ],
)
async def test_what_is_not_there_is_not_found(
    client: Client, mutation: str, argument: str, not_found: dict[str, str]
) -> None:
    """And a malformed id is bad input."""
    given: dict[str, Any] = {"input": {"metadata": None}} if "input" in mutation else {}
    assert await client.refusal(mutation, id=UNKNOWN_ID, **given) == not_found
    malformed = bad_input(f"{argument} must be an id of 24 hexadecimal digits.", argument)
    assert await client.refusal(mutation, id="x", **given) == malformed


async def test_another_tenant_can_neither_change_nor_delete_it(client: Client) -> None:
    """For it the connection does not exist, before and after its deletion."""
    record = await one_record(client)
    connection = await DbConnection.get(record.db_connection_id)
    other = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    changes: list[tuple[str, str, dict[str, Any]]] = [
        (UPDATE_RECORD, str(record.id), {"input": {"sql": "SELECT 2"}}),
        (DELETE_RECORD, str(record.id), {}),
        (UPDATE_CONNECTION, str(record.db_connection_id), {"input": {"alias": "mine"}}),
        (DELETE_CONNECTION, str(record.db_connection_id), {}),
    ]
    for mutation, id_, given in changes:
        assert (await other.refusal(mutation, id=id_, **given))["code"].endswith("_NOT_FOUND")
    assert await GoldenRecord.get(record.id) == record
    assert await DbConnection.get(record.db_connection_id) == connection
    await client.data(DELETE_CONNECTION, id=str(record.db_connection_id))
    for mutation, id_, given in changes:
        assert (await other.refusal(mutation, id=id_, **given))["code"].endswith("_NOT_FOUND")


async def test_a_deleted_record_is_gone_and_deleting_it_again_is_safe(client: Client) -> None:
    """The second answer is the first; nothing of its content is kept."""
    record = await one_record(client)
    deleted = await client.data(DELETE_RECORD, id=str(record.id))
    assert deleted["deleteGoldenRecord"]["goldenRecordId"] == str(record.id)
    assert await client.data(DELETE_RECORD, id=str(record.id)) == deleted
    assert await client.data(RECORDS) == {"goldenRecords": {"nodes": []}}
    look_up = "query($id: ID!) { goldenRecord(id: $id) { id } }"
    assert await client.data(look_up, id=str(record.id)) == {"goldenRecord": None}
    error = await client.refusal(UPDATE_RECORD, id=str(record.id), input={"sql": "SELECT 1"})
    assert error["code"] == "GOLDEN_RECORD_NOT_FOUND"
    (left,) = [one async for one in GoldenRecord.get_pymongo_collection().find({})]
    assert set(left) == {"_id", "deleted_tenant", "deleted_at"}


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


async def test_a_chosen_record_is_not_deleted_before_it_is_uploaded(client: Client) -> None:
    """The refusal names the finetunings with this choice; those with all records do not hold any."""
    connection = await client.world.connection(golden_records=11)
    ids = [str(one) for one in await client.world.golden_record_ids(connection)]
    created = await client.world.create(db_connection_id=str(connection.id), golden_records=ids[:10])
    await client.world.create(db_connection_id=str(connection.id))
    assert await client.refusal(DELETE_RECORD, id=ids[0]) == {
        "message": f"Golden record {ids[0]} was chosen for finetunings that have yet to upload it: "
        f"{created.id}. Cancel them or wait for the upload, then ask again.",
        "goldenRecordId": ids[0],
        "finetunings": [str(created.id)],
        "code": "GOLDEN_RECORD_IN_USE",
    }
    await client.data(DELETE_RECORD, id=ids[10])
    await client.world.work()
    await client.data(DELETE_RECORD, id=ids[0])
    assert (await client.world.read(created)).dataset is not None
