"""The training file: chat JSONL from golden records.

The same records make the same bytes.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from beanie import PydanticObjectId

from graphql_api.catalogue.dataset import build_dataset, file_name, file_prefix
from graphql_api.catalogue.golden_records import NewGoldenRecord, add_golden_records
from graphql_api.documents import DbConnection, Finetuning, FinetuningStatus, GoldenRecord
from graphql_api.errors import DbConnectionNotFoundError, InsufficientGoldenRecordsError
from graphql_api.store import catalogue
from graphql_api.store.training_data import (
    CHARACTERS_A_BATCH,
    EXAMPLES_A_BATCH,
    Example,
    Extent,
    Sources,
    Take,
)
from graphql_api.tenancy import TenantScope
from tests.stages import raw
from tests.training_texts import chat_jsonl, examples_in
from tests.world import TABLE, UNCHECKED, World

SOURCES = Sources()
STRANGE = 'SELECT "a"\n\u2028\u2029\u0085 -- \\ 日本 \U0001f600'


async def test_each_record_is_one_chat_of_task_question_and_sql(world: World) -> None:
    """The task names the dialect and holds the tables; a line is a line for any text."""
    connection = await world.connection(golden_records=0)
    strange = NewGoldenRecord(prompt_text="Why\r\n?", sql=STRANGE)
    await add_golden_records(str(connection.id), [strange], caller=world.caller, sql_check=UNCHECKED)
    content = chat_jsonl(connection, await examples_in(SOURCES, connection, None))
    assert content.count(b"\n") == len(content.decode().splitlines()) == 1
    assert content.endswith(b"\n")
    task = "You translate questions into postgres SQL. Answer with one SQL query and nothing else."
    assert json.loads(content) == {
        "messages": [
            {"role": "system", "content": f"{task}\n\n{TABLE}"},
            {"role": "user", "content": "Why\r\n?"},
            {"role": "assistant", "content": STRANGE},
        ]
    }


async def test_the_dataset_describes_its_bytes(world: World) -> None:
    """Count, size, digest and record ids in the order of the lines; twice the same."""
    created = await world.create()
    content, dataset = await build_dataset(created, sources=SOURCES)
    assert dataset.sha256 == hashlib.sha256(content).hexdigest()
    assert (dataset.size_bytes, dataset.record_count) == (len(content), len(content.splitlines()))
    records = {one.id: one.sql for one in await GoldenRecord.find_all().to_list()}
    told = [json.loads(line)["messages"][2]["content"] for line in content.splitlines()]
    assert [records[one] for one in dataset.golden_records] == told
    assert await build_dataset(created, sources=SOURCES) == (content, dataset)
    assert file_name(created, dataset) == f"finetuning-{created.id}-{dataset.sha256[:16]}.jsonl"
    assert file_name(created, dataset).startswith(file_prefix(created))


async def test_only_the_chosen_records_are_trained_on(world: World) -> None:
    """In any order of their names."""
    connection = await world.connection(golden_records=14)
    chosen = (await world.golden_record_ids(connection))[3:13]
    created = await world.create(
        db_connection_id=str(connection.id), golden_records=[str(one) for one in reversed(chosen)]
    )
    _, dataset = await build_dataset(created, sources=SOURCES)
    assert list(dataset.golden_records) == chosen


async def test_ids_are_stored_in_one_binary_and_read_as_it_is(world: World) -> None:
    """For any number: a read or write of the finetuning for another reason does not take them apart."""
    connection = await world.connection()
    chosen = (await world.golden_record_ids(connection))[::-1]
    created = await world.create(
        db_connection_id=str(connection.id), golden_records=[str(one) for one in chosen]
    )
    await world.work()
    document = await raw(world, created)
    stored = document["golden_records"], document["dataset"]["golden_records"]
    assert stored == tuple(b"".join(one.binary for one in ids) for ids in (chosen, chosen[::-1]))
    read = Finetuning.model_validate(document)
    assert read.golden_records is not None
    assert read.dataset is not None
    assert bytes(read.golden_records) is stored[0]
    assert bytes(read.dataset.golden_records) is stored[1]


async def test_null_means_all_records_of_the_connection_at_that_time(world: World) -> None:
    """Another connection's and another tenant's are left out."""
    connection, _ = await world.connection(golden_records=12), await world.connection()
    foreign = (await GoldenRecord.find({"db_connection_id": connection.id}).to_list())[0]
    foreign.tenant = "another"
    await foreign.replace()
    of_connection = {"tenant": "default", "db_connection_id": connection.id}
    own = await GoldenRecord.find(of_connection).sort("+created_at", "+_id").to_list()
    found = await examples_in(SOURCES, connection, None)
    assert found == [Example(id=one.id, prompt_text=one.prompt_text, sql=one.sql) for one in own]
    length = sum(len(text.encode()) for one in own for text in (one.prompt_text, one.sql))
    assert await SOURCES.extent(connection, None) == Extent(records=11, text_bytes=length)
    for none in ([foreign.id], []):
        assert await examples_in(SOURCES, connection, none) == []
        assert await SOURCES.extent(connection, none) == Extent(records=0, text_bytes=0)
    assert await SOURCES.known_ids(connection, [foreign.id, own[3].id]) == {own[3].id}


async def test_a_dataset_needs_ten_records_and_a_connection(world: World) -> None:
    """Every part gone since the finetuning was created is told as it is."""
    created = await world.create()
    for left in (9, 0):
        gone = (await GoldenRecord.find_all().to_list())[left:]
        await GoldenRecord.find({"_id": {"$in": [one.id for one in gone]}}).delete()
        with pytest.raises(InsufficientGoldenRecordsError) as few:
            await build_dataset(created, sources=SOURCES)
        assert few.value.details == {"found": left, "required": 10}
    await DbConnection.find_all().delete()
    with pytest.raises(DbConnectionNotFoundError):
        await build_dataset(created, sources=SOURCES)


async def test_a_chosen_record_that_has_gone_is_not_done_without(world: World) -> None:
    """The chosen records alone are trained on, or nothing is, however many are left."""
    connection = await world.connection(golden_records=12)
    chosen = await world.golden_record_ids(connection)
    created = await world.create(
        db_connection_id=str(connection.id), golden_records=[str(one) for one in chosen]
    )
    await catalogue.bury(GoldenRecord, chosen[3], scope=TenantScope.of(world.caller), where={})
    await world.work()
    failed = await world.read(created)
    assert (failed.status, failed.dataset) == (FinetuningStatus.FAILED, None)
    assert failed.error == f"The connection has no golden records {chosen[3]}."
    assert world.files() == []


class GoesMeanwhile(Sources):
    """A catalogue with its connection and first record deleted between two look-ups."""

    async def read_examples(
        self, connection: DbConnection, ids: Collection[PydanticObjectId] | None, *, take: Take
    ) -> list[PydanticObjectId]:
        """Delete them, and give the rest."""
        tenant = connection.tenant
        await catalogue.bury(DbConnection, connection.id, scope=TenantScope(tenant), where={})
        first = (await examples_in(SOURCES, connection, ids))[0]
        await catalogue.bury(GoldenRecord, first.id, scope=TenantScope(tenant), where={})
        return await super().read_examples(connection, ids, take=take)


async def test_a_connection_that_goes_meanwhile_is_not_trained_on_in_part(world: World) -> None:
    """Its deletion removes record after record; enough of them may be left at that moment."""
    connection = await world.connection(golden_records=11)
    created = await world.create(db_connection_id=str(connection.id))
    with pytest.raises(DbConnectionNotFoundError):
        await build_dataset(created, sources=GoesMeanwhile())


async def test_another_tenants_connection_is_not_trained_on(world: World) -> None:
    """Even a finetuning that names it does not reach across tenants."""
    created = await world.create()
    stranger: Finetuning = created.model_copy(update={"tenant": replace(world.caller, tenant="b").tenant})
    with pytest.raises(DbConnectionNotFoundError):
        await build_dataset(stranger, sources=SOURCES)


class CountedThreads(ThreadPoolExecutor):
    """Remembers the tasks of a thread."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.given: list[Callable[..., Any]] = []

    def submit(self, fn: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Remember it and run it."""
        self.given.append(fn)
        return super().submit(fn, *given, **named)


async def test_the_file_is_built_in_a_thread(world: World) -> None:
    """So that the event loop goes on serving cancels, however large the file becomes."""
    created, threads = await world.create(), CountedThreads()
    asyncio.get_running_loop().set_default_executor(threads)
    await build_dataset(created, sources=SOURCES)
    assert len(threads.given) == 2


async def test_the_file_is_built_batch_by_batch(world: World) -> None:
    """No more than one batch of examples is held beside it, however many or long; every one is kept."""
    connection = await world.connection(golden_records=0)
    lengths = [1] * EXAMPLES_A_BATCH + [CHARACTERS_A_BATCH, 1, CHARACTERS_A_BATCH - 1, 1]
    await GoldenRecord.get_pymongo_collection().insert_many(
        {
            "tenant": "default",
            "db_connection_id": connection.id,
            "created_at": number,
            "prompt_text": "q" * length,
            "sql": "",
        }
        for number, length in enumerate(lengths)
    )
    batches: list[list[int]] = []

    async def take(batch: Sequence[Example]) -> None:
        batches.append([len(one.prompt_text) for one in batch])

    read = await SOURCES.read_examples(connection, None, take=take)
    assert len(read) == len(lengths)
    assert batches == [lengths[:EXAMPLES_A_BATCH], [CHARACTERS_A_BATCH], [1, CHARACTERS_A_BATCH - 1], [1]]
