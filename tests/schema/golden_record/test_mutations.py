"""The changes to golden records."""

from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import DbConnection, GoldenRecord
from tests.schema.catalogue import ADD, RIGHT, UNKNOWN_ID, UPDATE_RECORD, bad_input, one_record
from tests.schema.conftest import Client

RECORD = "query($id: ID!) { goldenRecord(id: $id) { id dbConnectionId promptText sql metadata createdAt } }"


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

RECORDS = "query R($of: ID) { goldenRecords(dbConnectionId: $of) { nodes { id } } }"

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


async def test_an_empty_update_changes_nothing(client: Client) -> None:
    """Not even the time of the last change."""
    record = await one_record(client)
    answer = (await client.data(UPDATE_RECORD, id=str(record.id), input={}))["updateGoldenRecord"]
    assert answer["updatedAt"] == record.created_at.isoformat()
    connection_id = str(record.db_connection_id)
    answer = (await client.data(UPDATE_CONNECTION, id=connection_id, input={}))["updateDbConnection"]
    assert answer["updatedAt"] == answer["createdAt"]


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
