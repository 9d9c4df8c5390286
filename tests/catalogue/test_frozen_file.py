"""The training file after its upload: the same bytes again, or a refusal."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from beanie import PydanticObjectId

from graphql_api.catalogue.db_connections import delete_db_connection, update_db_connection
from graphql_api.catalogue.frozen_file import (
    PIECE_BYTES,
    RECORDS_AT_ONCE,
    FrozenFile,
    find_frozen_file,
)
from graphql_api.catalogue.golden_records import (
    NewGoldenRecord,
    add_golden_records,
    delete_golden_record,
    update_golden_record,
)
from graphql_api.documents import DbConnection, Finetuning
from graphql_api.errors import (
    BadUserInputError,
    DatasetChangedError,
    DatasetNotFrozenError,
    FinetuningNotFoundError,
)
from graphql_api.finetunings.delete import delete
from graphql_api.store.training_data import Example, Sources
from tests.world import TABLE, UNCHECKED, World

SOURCES = Sources()
STRANGE = NewGoldenRecord(prompt_text="Why\r\n\u2028?", sql='SELECT "ä" -- \\ 日本 \U0001f600\u0085')


async def frozen(world: World, finetuning: Finetuning, *, sources: Sources = SOURCES) -> FrozenFile:
    """Return the finetuning's file, for the world's caller."""
    return await find_frozen_file(str(finetuning.id), caller=world.caller, sources=sources)


async def whole(file: FrozenFile) -> bytes:
    """Return all of the file."""
    return b"".join([piece async for piece in file.pieces()])


async def take_all(pieces: AsyncIterator[bytes], taken: list[bytes]) -> None:
    """Take the pieces up to their end, whatever it is."""
    async for piece in pieces:
        taken.append(piece)  # noqa: PERF401 - a comprehension would keep nothing of a broken one


async def uploaded(world: World, *, golden_records: int = 10) -> Finetuning:
    """Return a finetuning whose training file is at the provider."""
    connection = await world.connection(golden_records=golden_records)
    created = await world.create(db_connection_id=str(connection.id))
    await world.work()
    return await world.read(created)


async def test_the_file_has_the_very_bytes_that_were_uploaded(world: World) -> None:
    """For any text, over several reads and pieces, in whatever order the records were chosen."""
    connection = await world.connection(golden_records=2 * RECORDS_AT_ONCE + 50)
    await add_golden_records(str(connection.id), [STRANGE], caller=world.caller, sql_check=UNCHECKED)
    await update_db_connection(str(connection.id), {"table_schemas": [TABLE * 20, "é"]}, caller=world.caller)
    chosen = [str(one) for one in await world.golden_record_ids(connection)][:0:-1]
    created = await world.create(db_connection_id=str(connection.id), golden_records=chosen)
    await world.work()
    [file] = world.files()
    again = await frozen(world, created)
    await again.verify()
    assert await whole(again) == file.content
    assert (again.name, again.dataset.size_bytes) == (file.filename, len(file.content))


async def test_records_added_later_are_not_in_it(world: World) -> None:
    """Though all of the connection's were meant, they are those of that time."""
    finetuning = await uploaded(world)
    await add_golden_records(
        str(finetuning.db_connection_id), [STRANGE], caller=world.caller, sql_check=UNCHECKED
    )
    [file] = world.files()
    assert await whole(await frozen(world, finetuning)) == file.content


async def test_after_an_end_it_is_still_there(world: World) -> None:
    """A cancelled finetuning has one, too."""
    finetuning = await world.created_and_training()
    await world.cancel(finetuning)
    await world.drain(seconds=60)
    file = await frozen(world, finetuning)
    assert len(await whole(file)) == file.dataset.size_bytes


@dataclass(frozen=True, kw_only=True)
class Counting(Sources):
    """Notes how many records are read at a time."""

    sizes: list[int] = field(default_factory=list)

    async def examples(self, connection: DbConnection, ids: Collection[PydanticObjectId]) -> list[Example]:
        """Read, and note."""
        self.sizes.append(len(ids))
        return await super().examples(connection, ids)


async def test_memory_holds_a_few_records_and_one_piece(world: World) -> None:
    """However many records there are."""
    finetuning = await uploaded(world, golden_records=2 * RECORDS_AT_ONCE + 1)
    sources = Counting()
    pieces = [piece async for piece in (await frozen(world, finetuning, sources=sources)).pieces()]
    assert sources.sizes == [RECORDS_AT_ONCE, RECORDS_AT_ONCE, 1]
    assert max(map(len, pieces)) <= PIECE_BYTES
    assert len(pieces) >= 3


Change = Callable[[World, Finetuning], Awaitable[Any]]


async def newest_record(world: World, finetuning: Finetuning) -> str:
    """Return the id of the record in the file's last line."""
    dataset = (await world.read(finetuning)).dataset
    assert dataset is not None
    return str(list(dataset.golden_records)[-1])


async def set_sql(world: World, finetuning: Finetuning, sql: str) -> None:
    """Change the SQL in the last line."""
    record = await newest_record(world, finetuning)
    await update_golden_record(record, {"sql": sql}, caller=world.caller, sql_check=UNCHECKED)


async def delete_record(world: World, finetuning: Finetuning) -> None:
    """Delete the record of the last line."""
    await delete_golden_record(await newest_record(world, finetuning), caller=world.caller)


CHANGES: dict[str, Change] = {
    "a record is edited, as long as before": lambda world, finetuning: set_sql(
        world, finetuning, "SELECT name FROM author WHERE aid = 0"
    ),
    "a record grows": lambda world, finetuning: set_sql(world, finetuning, "SELECT 1" * 10_000),
    "a record is deleted": delete_record,
    "the tables are others": lambda world, finetuning: update_db_connection(
        str(finetuning.db_connection_id), {"table_schemas": []}, caller=world.caller
    ),
    "the dialect is another": lambda world, finetuning: update_db_connection(
        str(finetuning.db_connection_id), {"dialect": "sqlite"}, caller=world.caller
    ),
    "the connection is deleted": lambda world, finetuning: delete_db_connection(
        str(finetuning.db_connection_id), caller=world.caller
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_a_change_after_the_upload_is_refused(world: World, change: Change) -> None:
    """By its digest; the refusal names it."""
    finetuning = await uploaded(world)
    await world.cancel(finetuning)
    await world.drain(seconds=60)
    await change(world, finetuning)
    file = await frozen(world, finetuning)
    with pytest.raises(DatasetChangedError) as refused:
        await file.verify()
    assert refused.value.details == {"finetuningId": str(finetuning.id), "sha256": file.dataset.sha256}


async def test_a_change_in_the_middle_keeps_the_last_piece_back(world: World) -> None:
    """So wrong bytes are never a whole file, even if their number is right."""
    finetuning = await uploaded(world, golden_records=3 * RECORDS_AT_ONCE)
    file = await frozen(world, finetuning)
    await file.verify()
    pieces = file.pieces()
    taken = [await anext(pieces)]
    await set_sql(world, finetuning, "SELECT name FROM author WHERE aid = 298")
    with pytest.raises(DatasetChangedError):
        await take_all(pieces, taken)
    [uploaded_file] = world.files()
    assert uploaded_file.content.startswith(b"".join(taken))
    assert len(b"".join(taken)) < file.dataset.size_bytes


async def test_before_the_upload_there_is_none(world: World) -> None:
    """And it never comes, if the finetuning ended before."""
    queued = await world.create()
    with pytest.raises(DatasetNotFrozenError) as refused:
        await frozen(world, queued)
    assert refused.value.details == {"finetuningId": str(queued.id), "status": "QUEUED"}
    await world.cancel(queued)
    with pytest.raises(DatasetNotFrozenError) as refused:
        await frozen(world, queued)
    assert refused.value.details["status"] == "CANCELLED"


async def test_only_the_callers_own_finetunings_have_one(world: World) -> None:
    """Another tenant's is like none, and so is a deleted one."""
    finetuning = await uploaded(world)
    deleted = await uploaded(world)
    await delete(str(deleted.id), caller=world.caller, engine=world.engine)
    await world.drain(seconds=60)
    stranger = replace(world.caller, tenant="b")
    for one, caller in (
        (str(finetuning.id), stranger),
        (str(deleted.id), world.caller),
        ("0" * 24, world.caller),
    ):
        with pytest.raises(FinetuningNotFoundError):
            await find_frozen_file(one, caller=caller, sources=SOURCES)
    with pytest.raises(BadUserInputError):
        await find_frozen_file("x", caller=world.caller, sources=SOURCES)
