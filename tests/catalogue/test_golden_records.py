"""Golden records, checked before anything is stored.

They are kept in order, and changed as a whole.
"""

from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId

from graphql_api.catalogue.db_connections import delete_db_connection
from graphql_api.catalogue.duplicates import digests
from graphql_api.catalogue.golden_records import (
    NewGoldenRecord,
    add_golden_records,
    delete_golden_record,
    update_golden_record,
)
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import GoldenRecord
from graphql_api.errors import BadUserInputError, DbConnectionNotFoundError, UnknownGoldenRecordError
from tests.catalogue.warned import ONE, codes
from tests.world import UNCHECKED, World, examples


async def test_golden_records_are_stored_in_their_order(world: World) -> None:
    """Each with its connection and its tenant."""
    connection = await world.connection(golden_records=0)
    stored = await add_golden_records(
        str(connection.id), examples(300), caller=world.caller, sql_check=UNCHECKED
    )
    found = await GoldenRecord.find_all().sort("+created_at", "+_id").to_list()
    assert found == stored
    assert [one.prompt_text for one in found] == [one.prompt_text for one in examples(300)]
    assert {(one.db_connection_id, one.tenant) for one in found} == {(connection.id, "default")}
    assert all(one.created_at == one.updated_at >= connection.created_at for one in found)


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
    """Nothing is stored of a call with an impossible record."""
    connection = await world.connection(golden_records=0)
    with pytest.raises(BadUserInputError) as refusal:
        await add_golden_records(
            str(connection.id), [*examples(1), wrong], caller=world.caller, sql_check=UNCHECKED
        )
    assert refusal.value.details == {"argument": argument}
    assert await GoldenRecord.count() == 0


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_call_adds_one_to_a_thousand_records(world: World, count: int) -> None:
    """No record and too many are refused as a whole."""
    connection = await world.connection(golden_records=0)
    with pytest.raises(BadUserInputError, match=r"^goldenRecords must have 1 to 1000 entries\.$"):
        await add_golden_records(
            str(connection.id), examples(count), caller=world.caller, sql_check=UNCHECKED
        )
    assert await GoldenRecord.count() == 0


async def test_records_are_added_to_the_callers_connections_only(world: World) -> None:
    """Another tenant's connection is as unknown as a missing one."""
    connection = await world.connection(golden_records=0)
    stranger = replace(world.caller, tenant="b")
    for connection_id, caller in ((str(connection.id), stranger), (str(ObjectId()), world.caller)):
        with pytest.raises(DbConnectionNotFoundError):
            await add_golden_records(connection_id, examples(1), caller=caller, sql_check=UNCHECKED)
    assert await GoldenRecord.count() == 0


async def test_an_update_is_checked_as_a_whole(world: World, sql_check: SqlCheck) -> None:
    """Warnings and digests are those of the record afterwards, for any part given."""
    connection = await world.connection(golden_records=0)
    first, second = await add_golden_records(
        str(connection.id),
        [ONE, replace(ONE, sql="SELECT FROM WHERE")],
        caller=world.caller,
        sql_check=sql_check,
    )
    assert await codes(world) == [[], ["sql_syntax"]]
    await update_golden_record(
        str(second.id), {"prompt_text": "What?"}, caller=world.caller, sql_check=sql_check
    )
    assert await codes(world) == [[], ["sql_syntax"]]
    await update_golden_record(str(second.id), {"sql": ONE.sql}, caller=world.caller, sql_check=sql_check)
    assert await codes(world) == [[], []]
    twin = await update_golden_record(
        str(second.id), {"prompt_text": ONE.prompt_text}, caller=world.caller, sql_check=sql_check
    )
    assert await codes(world) == [[], ["duplicate"]]
    assert (twin.digest, twin.exact_digest, twin.copy_id) == (first.digest, first.exact_digest, second.id)
    await update_golden_record(
        str(first.id), {"metadata": {"a": "b"}}, caller=world.caller, sql_check=sql_check
    )
    alone = await update_golden_record(
        str(second.id), {"prompt_text": "Where?"}, caller=world.caller, sql_check=sql_check
    )
    assert (alone.warnings, alone.copy_id) == ([], None)


class ChangesMeanwhile(SqlCheck):
    """Lets another client change the record during the first check of the SQL."""

    def __init__(self, record: GoldenRecord, world: World) -> None:
        super().__init__("off")
        self.record, self.world, self.changes = record, world, [{"prompt_text": "When?"}]

    async def warnings(self, *given: Any, **named: Any) -> Any:
        """Change it, and find nothing."""
        while self.changes:
            await update_golden_record(
                str(self.record.id), self.changes.pop(), caller=self.world.caller, sql_check=UNCHECKED
            )
        return await super().warnings(*given, **named)


async def test_updates_at_once_are_both_kept(world: World) -> None:
    """The later one is checked again with the other's changes."""
    connection = await world.connection(golden_records=0)
    (stored,) = await add_golden_records(str(connection.id), [ONE], caller=world.caller, sql_check=UNCHECKED)
    changed = await update_golden_record(
        str(stored.id),
        {"sql": "SELECT 2"},
        caller=world.caller,
        sql_check=ChangesMeanwhile(stored, world),
    )
    assert (changed.prompt_text, changed.sql) == ("When?", "SELECT 2")
    assert changed.digest == digests("When?", "SELECT 2", None)["digest"]


async def test_a_record_goes_with_its_connection(world: World) -> None:
    """Afterwards it cannot be changed, and its deletion gets the same answer as before."""
    connection = await world.connection(golden_records=0)
    (stored,) = await add_golden_records(str(connection.id), [ONE], caller=world.caller, sql_check=UNCHECKED)
    await delete_db_connection(str(connection.id), caller=world.caller)
    with pytest.raises(UnknownGoldenRecordError):
        await update_golden_record(
            str(stored.id), {"sql": "SELECT 2"}, caller=world.caller, sql_check=UNCHECKED
        )
    first = await delete_golden_record(str(stored.id), caller=world.caller)
    assert first == await delete_golden_record(str(stored.id), caller=world.caller)
