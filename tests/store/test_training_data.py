"""The sources of a training.

They are the tenant's connection, and its golden records in batches.
"""

from collections.abc import Sequence

import pytest
from beanie import PydanticObjectId

from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.store.training_data import Example, Extent, Sources
from graphql_api.tenancy import TenantScope
from tests.world import World, examples

SOURCES = Sources()


class Batches:
    """Keeps the batches as they come."""

    def __init__(self) -> None:
        self.taken: list[list[Example]] = []

    async def take(self, batch: Sequence[Example]) -> None:
        """Keep one more."""
        self.taken.append(list(batch))


async def test_a_connection_is_its_tenants(world: World) -> None:
    """Another tenant does not find it."""
    connection = await world.connection(golden_records=0)
    found = await SOURCES.find_connection(connection.id, scope=TenantScope.of(world.caller))
    assert found == connection
    assert await SOURCES.find_connection(connection.id, scope=TenantScope("other")) is None


async def test_the_extent_counts_bytes(world: World) -> None:
    """Of UTF-8, in question and SQL; without a record it is nothing."""
    connection = await world.connection(golden_records=2)
    ids = await world.golden_record_ids(connection)
    record = await GoldenRecord.get(ids[0])
    assert record is not None
    await record.set({"prompt_text": "é€", "sql": "x"})
    assert await SOURCES.extent(connection, ids[:1]) == Extent(records=1, text_bytes=6)
    other = len("Which author has id 1?") + len("SELECT name FROM author WHERE aid = 1")
    assert await SOURCES.extent(connection, None) == Extent(records=2, text_bytes=6 + other)
    assert await SOURCES.extent(connection, []) == Extent(records=0, text_bytes=0)


async def test_only_the_connections_own_records_are_known(world: World) -> None:
    """Neither another connection's, nor an unknown id, nor another tenant's."""
    connection, other = await world.connection(golden_records=2), await world.connection(golden_records=1)
    ids = await world.golden_record_ids(connection)
    strangers = [*await world.golden_record_ids(other), PydanticObjectId()]
    assert await SOURCES.known_ids(connection, [*ids, *strangers]) == set(ids)
    stolen = connection.model_copy(update={"tenant": "other"})
    assert await SOURCES.known_ids(stolen, ids) == set()
    assert await SOURCES.extent(stolen, None) == Extent(records=0, text_bytes=0)


async def read(
    connection: DbConnection, ids: Sequence[PydanticObjectId] | None, *, sources: Sources = SOURCES
) -> list[list[str]]:
    """Return the questions of each batch."""
    batches = Batches()
    taken = await sources.read_examples(connection, ids, take=batches.take)
    assert taken == [one.id for batch in batches.taken for one in batch]
    return [[one.prompt_text for one in batch] for batch in batches.taken]


async def test_the_oldest_come_first(world: World) -> None:
    """All of the connection's, or the chosen ones in any order of theirs."""
    connection = await world.connection(golden_records=3)
    ids = await world.golden_record_ids(connection)
    questions = [f"Which author has id {number}?" for number in range(3)]
    assert await read(connection, None) == [questions]
    assert await read(connection, [ids[2], ids[0]]) == [[questions[0], questions[2]]]
    assert await read(connection, []) == [[]]


@pytest.mark.parametrize(
    ("sources", "sizes"),
    [
        (Sources(examples_a_batch=2), [2, 1]),
        (Sources(characters_a_batch=60), [2, 1]),
        (Sources(characters_a_batch=59), [1, 1, 1, 0]),
    ],
)
async def test_a_batch_is_bounded(world: World, sources: Sources, sizes: list[int]) -> None:
    """By its number of examples and by their characters: each example here has 59."""
    connection = await world.connection(golden_records=3)
    assert [len(batch) for batch in await read(connection, None, sources=sources)] == sizes


async def test_records_are_read_in_the_frozen_order(world: World) -> None:
    """Those of another connection are not."""
    connection, other = await world.connection(golden_records=3), await world.connection(golden_records=1)
    ids = await world.golden_record_ids(connection)
    [foreign] = await world.golden_record_ids(other)
    found = await SOURCES.examples(connection, [ids[2], foreign, ids[0]])
    assert [one.id for one in found] == [ids[2], ids[0]]
    texts = examples(3)
    assert [(one.prompt_text, one.sql) for one in found] == [
        (texts[n].prompt_text, texts[n].sql) for n in (2, 0)
    ]
