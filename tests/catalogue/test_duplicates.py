"""Golden records with the same content: stored with a warning, or skipped."""

import asyncio
from dataclasses import replace

from bson import ObjectId

from graphql_api.catalogue.duplicates import digests
from graphql_api.catalogue.golden_records import (
    NewGoldenRecord,
    add_golden_records,
    delete_golden_record,
    update_golden_record,
)
from graphql_api.store import catalogue
from tests.catalogue.warned import ONE, codes
from tests.world import UNCHECKED, World, examples


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
