"""Golden records, checked before anything is stored.

They are kept in order, and changed as a whole.
"""

import asyncio
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
from graphql_api.store import catalogue
from tests.world import UNCHECKED, World, examples

ONE = NewGoldenRecord(prompt_text="Who?", sql="SELECT 1")


async def codes(world: World) -> list[list[str]]:
    """Return the codes of all records' warnings, the oldest first."""
    found = GoldenRecord.find({"tenant": world.caller.tenant}).sort("+created_at", "+_id")
    return [[warning.code.value for warning in one.warnings] async for one in found]


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


async def test_a_duplicate_is_stored_with_a_warning(world: World) -> None:
    """Within a call and across calls; it names the record that was there first."""
    connection = await world.connection(golden_records=0)
    first, alike, _ = await add_golden_records(
        str(connection.id),
        [ONE, NewGoldenRecord(prompt_text=" who? ", sql="SELECT\n1;"), replace(ONE, sql="SELECT 2")],
        caller=world.caller,
        sql_check=UNCHECKED,
    )
    await add_golden_records(str(connection.id), [ONE], caller=world.caller, sql_check=UNCHECKED)
    assert await codes(world) == [[], ["duplicate"], [], ["duplicate"]]
    told = f"Golden record {first.id} of this connection has the same question and SQL."
    assert [one.message for one in alike.warnings] == [told]


async def test_another_connection_may_have_the_same_records(world: World) -> None:
    """Nor do deleted records count."""
    for _ in range(2):
        await world.connection(golden_records=3)
    third = await world.connection(golden_records=0)
    (stored,) = await add_golden_records(str(third.id), [ONE], caller=world.caller, sql_check=UNCHECKED)
    await delete_golden_record(str(stored.id), caller=world.caller)
    await add_golden_records(str(third.id), [ONE], caller=world.caller, sql_check=UNCHECKED)
    assert await codes(world) == [[]] * 7


async def test_exact_duplicates_are_skipped_if_that_is_wanted(world: World) -> None:
    """Word for word and with the same metadata, so nothing is lost; the answer has the added ones."""
    connection = await world.connection(golden_records=0)
    labelled = replace(ONE, metadata={"b": "1", "a": "2"})
    given = [ONE, labelled, ONE, replace(ONE, sql="SELECT  1")]
    for added in ([None, {"a": "2", "b": "1"}, None], []):
        stored = await add_golden_records(
            str(connection.id), given, caller=world.caller, sql_check=UNCHECKED, skip_duplicates=True
        )
        assert [one.metadata for one in stored] == added
    assert await codes(world) == [[], ["duplicate"], ["duplicate"]]


async def test_of_calls_at_once_one_adds_the_record_and_the_others_skip_it(world: World) -> None:
    """Whichever is first: a unique index decides, not a look before."""
    connection = await world.connection(golden_records=0)
    adding = (
        add_golden_records(
            str(connection.id), examples(20), caller=world.caller, sql_check=UNCHECKED, skip_duplicates=True
        )
        for _ in range(6)
    )
    assert sum(map(len, await asyncio.gather(*adding))) == 20
    assert await codes(world) == [[]] * 20


async def test_of_calls_at_once_all_but_one_are_warned(world: World) -> None:
    """All records are kept, and each is in its caller's answer."""
    connection = await world.connection(golden_records=0)
    adding = (
        add_golden_records(str(connection.id), examples(10), caller=world.caller, sql_check=UNCHECKED)
        for _ in range(5)
    )
    answers = await asyncio.gather(*adding)
    questions = [one.prompt_text for one in examples(10)]
    assert [[one.prompt_text for one in answer] for answer in answers] == [questions] * 5
    assert sorted(await codes(world)) == [[]] * 10 + [["duplicate"]] * 40


async def test_the_unique_index_refuses_what_was_first_stored_elsewhere(world: World) -> None:
    """The calls above fall back on this after too early a look."""
    connection = await world.connection(golden_records=0)
    (stored,) = await add_golden_records(str(connection.id), [ONE], caller=world.caller, sql_check=UNCHECKED)
    late = stored.model_copy(update={"id": ObjectId()})
    other = late.model_copy(update={"id": ObjectId(), **digests("Other?", "SELECT 1", None)})
    assert [one.id for one in await catalogue.insert([late, other])] == [other.id]


async def test_the_search_for_duplicates_goes_by_the_index(world: World) -> None:
    """It reads the similar ones, however many records the connection has."""
    connection = await world.connection(golden_records=200)
    await world.database.command("profile", 2)
    await add_golden_records(
        str(connection.id), [ONE, *examples(2)], caller=world.caller, sql_check=UNCHECKED
    )
    await world.database.command("profile", 0)
    looked = await world.database["system.profile"].find_one({"command.filter.digest": {"$exists": True}})
    await world.database["system.profile"].drop()
    assert looked is not None
    assert looked["planSummary"].startswith("IXSCAN { db_connection_id: 1, digest: 1")
    assert looked["docsExamined"] == 2


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


async def test_updates_to_the_same_text_at_once_are_told_apart(world: World) -> None:
    """Only one of the records goes without a warning."""
    connection = await world.connection(golden_records=0)
    stored = await add_golden_records(
        str(connection.id), examples(6), caller=world.caller, sql_check=UNCHECKED
    )
    same = {"prompt_text": ONE.prompt_text, "sql": ONE.sql}
    await asyncio.gather(
        *(update_golden_record(str(one.id), same, caller=world.caller, sql_check=UNCHECKED) for one in stored)
    )
    assert sorted(await codes(world)) == [[]] + [["duplicate"]] * 5


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
