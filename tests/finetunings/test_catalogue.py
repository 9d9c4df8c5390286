"""The catalogue: connections and golden records are checked before anything is stored."""

from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId

from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.errors import BadUserInputError, DbConnectionNotFoundError
from graphql_api.finetunings.db_connections import NewDbConnection, create_db_connection, find_db_connection
from graphql_api.finetunings.golden_records import NewGoldenRecord, add_golden_records
from tests.world import World, examples

LIBRARY = NewDbConnection(alias="library", dialect="postgres")


async def test_a_connection_is_stored_for_its_caller(world: World) -> None:
    """With its text verbatim and its caller's tenant; another tenant does not see it."""
    given = NewDbConnection(alias="$a", dialect="d", table_schemas=["x"], metadata={"a.b": "$c"})
    stored = await create_db_connection(given, caller=world.caller)
    found = await find_db_connection(str(stored.id), caller=world.caller)
    assert (found.alias, found.dialect, found.table_schemas) == ("$a", "d", ["x"])
    assert (found.metadata, found.tenant) == ({"a.b": "$c"}, "default")
    with pytest.raises(DbConnectionNotFoundError) as refusal:
        await find_db_connection(str(stored.id), caller=replace(world.caller, tenant="b"))
    assert refusal.value.message == f"There is no database connection {stored.id}."


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"alias": " "}, "alias"),
        ({"alias": "x" * 201}, "alias"),
        ({"dialect": ""}, "dialect"),
        ({"dialect": "x" * 65}, "dialect"),
        ({"table_schemas": ["a", ""]}, "tableSchemas[1]"),
        ({"table_schemas": ["a" * 100_001]}, "tableSchemas[0]"),
        ({"table_schemas": ["a"] * 1001}, "tableSchemas"),
        ({"metadata": {"a": 1}}, "metadata"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_connection_is_not_stored(world: World, wrong: Any, argument: str) -> None:
    """The error names what is wrong with it."""
    with pytest.raises(BadUserInputError) as refusal:
        await create_db_connection(replace(LIBRARY, **wrong), caller=world.caller)
    assert refusal.value.details == {"argument": argument}
    assert await DbConnection.count() == 0


async def test_golden_records_are_stored_in_their_order(world: World) -> None:
    """Each with its connection and its tenant."""
    connection = await world.connection(golden_records=0)
    stored = await add_golden_records(str(connection.id), examples(3), caller=world.caller)
    found = await GoldenRecord.find_all().sort("+created_at", "+_id").to_list()
    assert [one.id for one in found] == [one.id for one in stored]
    assert [one.prompt_text for one in found] == [one.prompt_text for one in examples(3)]
    assert {(one.db_connection_id, one.tenant) for one in found} == {(connection.id, "default")}


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        (NewGoldenRecord(prompt_text="", sql="x"), "goldenRecords[1].promptText"),
        (NewGoldenRecord(prompt_text="x", sql=" "), "goldenRecords[1].sql"),
        (NewGoldenRecord(prompt_text="x", sql="\ud800"), "goldenRecords[1].sql"),
        (NewGoldenRecord(prompt_text="x", sql="x", metadata=[]), "goldenRecords[1].metadata"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_one_wrong_record_stops_all(world: World, wrong: NewGoldenRecord, argument: str) -> None:
    """Nothing is stored of a call that names a record that cannot be."""
    connection = await world.connection(golden_records=0)
    with pytest.raises(BadUserInputError) as refusal:
        await add_golden_records(str(connection.id), [*examples(1), wrong], caller=world.caller)
    assert refusal.value.details == {"argument": argument}
    assert await GoldenRecord.count() == 0


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_call_adds_one_to_a_thousand_records(world: World, count: int) -> None:
    """None and too many are refused as a whole."""
    connection = await world.connection(golden_records=0)
    with pytest.raises(BadUserInputError, match=r"^goldenRecords must have 1 to 1000 entries\.$"):
        await add_golden_records(str(connection.id), examples(count), caller=world.caller)
    assert await GoldenRecord.count() == 0


async def test_records_are_added_to_the_callers_connections_only(world: World) -> None:
    """Another tenant's connection is as unknown as none."""
    connection = await world.connection(golden_records=0)
    stranger = replace(world.caller, tenant="b")
    for connection_id, caller in ((str(connection.id), stranger), (str(ObjectId()), world.caller)):
        with pytest.raises(DbConnectionNotFoundError):
            await add_golden_records(connection_id, examples(1), caller=caller)
    assert await GoldenRecord.count() == 0
