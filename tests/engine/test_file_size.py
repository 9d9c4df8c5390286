"""The size of training files is bounded.

The bound comes before anything is stored, loaded or built.
"""

from collections.abc import Collection
from dataclasses import replace

import pytest
from beanie import PydanticObjectId

from graphql_api.catalogue.dataset import LARGEST_FILE_BYTES, check_size
from graphql_api.catalogue.db_connections import NewDbConnection, create_db_connection, update_db_connection
from graphql_api.catalogue.golden_records import add_golden_records
from graphql_api.documents import DbConnection, Finetuning, FinetuningStatus
from graphql_api.errors import GoldenRecordNotFoundError, TrainingFileTooLargeError
from graphql_api.store.training_data import Example, Extent, Sources, Take
from tests.training_texts import chat_jsonl
from tests.world import UNCHECKED, World, examples

TABLES = ["x" * 98_000] * 10
"""With 100 records they make a file below the limit, with five more a file above it."""


class NothingLoaded(Sources):
    """A catalogue that tells how much there is, and no more."""

    async def read_examples(
        self, connection: DbConnection, ids: Collection[PydanticObjectId] | None, *, take: Take
    ) -> list[PydanticObjectId]:
        """Fail."""
        raise AssertionError("the golden records were loaded")


async def large_connection(world: World, *, golden_records: int) -> DbConnection:
    """Store a connection with much DDL."""
    given = NewDbConnection(alias="a", dialect="postgres", table_schemas=TABLES)
    connection = await create_db_connection(given, caller=world.caller)
    await add(world, connection, count=golden_records)
    return connection


async def add(world: World, connection: DbConnection, *, count: int) -> None:
    """Add golden records."""
    await add_golden_records(str(connection.id), examples(count), caller=world.caller, sql_check=UNCHECKED)


def examples_of(text: str, *, count: int) -> list[Example]:
    """Return examples with this text as question and SQL."""
    return [Example(id=PydanticObjectId(), prompt_text=text, sql=text) for _ in range(count)]


@pytest.mark.parametrize("named", [False, True], ids=["all", "named"])
async def test_nothing_is_created_whose_file_would_be_too_large(world: World, named: bool) -> None:
    """The error tells the size and the limit; nothing is loaded to find that out."""
    world.engine = replace(world.engine, sources=NothingLoaded())
    fitting, large = [await large_connection(world, golden_records=count) for count in (100, 105)]
    ids = [str(one) for one in await world.golden_record_ids(large)] if named else None
    with pytest.raises(TrainingFileTooLargeError) as refusal:
        await world.create(db_connection_id=str(large.id), golden_records=ids)
    size = refusal.value.details["sizeBytes"]
    assert refusal.value.details == {"sizeBytes": size, "most": 100_000_000}
    assert refusal.value.message.startswith(
        f"The training file would have at least {size:,} bytes, and at most 100,000,000 are allowed. "
    )
    assert await Finetuning.count() == 0
    assert (await world.create(db_connection_id=str(fitting.id))).status is FinetuningStatus.QUEUED


async def test_what_is_missing_is_told_without_loading_what_is_there(world: World) -> None:
    """Of thousands of records that were chosen, the ids are enough."""
    connection = await world.connection(golden_records=10)
    ids = [str(one) for one in await world.golden_record_ids(connection)]
    world.engine = replace(world.engine, sources=NothingLoaded())
    with pytest.raises(GoldenRecordNotFoundError) as refusal:
        await world.create(db_connection_id=str(connection.id), golden_records=[*ids, "0" * 24])
    assert refusal.value.details == {"goldenRecords": ["0" * 24]}


async def test_a_file_that_has_become_too_large_is_not_built(world: World) -> None:
    """Records and tables may be added after the creation: it fails for good, with nothing uploaded."""
    connection = await world.connection(golden_records=100)
    created = await world.create(db_connection_id=str(connection.id))
    await update_db_connection(str(connection.id), {"table_schemas": TABLES}, caller=world.caller)
    await add(world, connection, count=5)
    world.engine = replace(world.engine, sources=NothingLoaded())
    assert await world.work() == 1
    failed = await world.read(created)
    assert (failed.status, failed.dataset, failed.due_at) == (FinetuningStatus.FAILED, None, None)
    assert failed.error is not None
    assert "and at most 100,000,000 are allowed." in failed.error
    assert world.sandbox.calls.find() == []


async def test_what_escapes_add_is_found_when_the_file_is_built(world: World) -> None:
    """JSON needs six bytes for a control character; their number is unknown before they are written."""
    connection = await world.connection(golden_records=0)
    extent = Extent(records=100, text_bytes=20_000_000)
    check_size(connection, extent)
    with pytest.raises(TrainingFileTooLargeError) as refusal:
        chat_jsonl(connection, examples_of("\x01" * 100_000, count=100))
    assert (
        refusal.value.details["sizeBytes"]
        == len(chat_jsonl(connection, examples_of("", count=100))) + 120_000_000
    )


async def test_the_size_without_escapes_is_exact(world: World) -> None:
    """Up to the last byte; the task's own escapes count, for they are in every line."""
    connection = await world.connection(golden_records=0)
    connection.table_schemas = ['CREATE TABLE "日本"\n' * 5_000]
    for count in (1, 10):
        size = len(chat_jsonl(connection, examples_of("日", count=count)))
        rest = LARGEST_FILE_BYTES - size
        check_size(connection, Extent(records=count, text_bytes=6 * count + rest))
        with pytest.raises(TrainingFileTooLargeError) as refusal:
            check_size(connection, Extent(records=count, text_bytes=6 * count + rest + 1))
        assert refusal.value.details["sizeBytes"] == 100_000_001
