"""Reads keep to their tenant for any question."""

import asyncio

import pytest
from pymongo.asynchronous.collection import AsyncCollection

from graphql_api.documents import DbConnection, Finetuning, GoldenRecord, ObjectId
from graphql_api.documents.paging import DatedDocument
from graphql_api.store import reads
from graphql_api.tenancy import TenantScope
from tests.world import World

OTHER = TenantScope("other")


@pytest.fixture
async def created(world: World) -> Finetuning:
    """Return a live finetuning of the caller, with its connection and golden records."""
    return await world.create()


@pytest.fixture
def scope(world: World) -> TenantScope:
    """Return the caller's scope."""
    return TenantScope.of(world.caller)


async def one_of(kind: type[DatedDocument]) -> DatedDocument:
    """Return a stored document of this kind."""
    found = await kind.find_all().first_or_none()
    assert found is not None
    return found


@pytest.mark.parametrize("kind", [DbConnection, Finetuning, GoldenRecord])
async def test_another_tenant_finds_nothing(
    created: Finetuning, scope: TenantScope, kind: type[DatedDocument]
) -> None:
    """By its id, by several ids, or at all."""
    document = await one_of(kind)
    assert await reads.find(kind, document.id, scope=scope) == document
    assert await reads.find(kind, document.id, scope=OTHER) is None
    assert await reads.find(kind, document.id, scope=OTHER, even_deleted=True) is None
    assert await reads.find_by_ids(kind, [document.id], scope=scope) == {document.id: document}
    assert await reads.find_by_ids(kind, [document.id], scope=OTHER) == {}
    assert await reads.has_any(kind, scope=scope)
    assert not await reads.has_any(kind, scope=OTHER)


async def test_a_filter_that_names_another_tenant_finds_nothing(
    created: Finetuning, scope: TenantScope
) -> None:
    """A condition never takes the place of the scope."""
    theirs = {"tenant": OTHER.tenant}
    collection: AsyncCollection[dict[str, object]] = Finetuning.get_pymongo_collection()
    copy = await collection.find_one({"_id": created.id}) or {}
    await collection.insert_one({**copy, "_id": ObjectId(), **theirs})
    assert await reads.newest_live_ids(theirs, scope=scope, most=10) == []
    assert await reads.count_live(theirs, scope=scope) == 0
    assert await reads.newest_live_ids({}, scope=scope, most=10) == [created.id]
    assert await reads.count_live({}, scope=scope) == 1


async def test_ended_and_deleted_finetunings_are_not_live(created: Finetuning, scope: TenantScope) -> None:
    """One that has ended is found, but not among the live; a deleted one is found on request alone."""
    finetunings = Finetuning.get_pymongo_collection()
    await finetunings.update_one({"_id": created.id}, {"$set": {"status": "cancelled"}})
    assert await reads.count_live({}, scope=scope) == 0
    assert await reads.has_any(Finetuning, scope=scope)
    deletion = {"requested_at": created.created_at, "deleted_at": created.created_at}
    await finetunings.update_one({"_id": created.id}, {"$set": {"deletion": deletion}})
    assert await reads.find(Finetuning, created.id, scope=scope) is None
    assert not await reads.has_any(Finetuning, scope=scope)
    assert await reads.find(Finetuning, created.id, scope=scope, even_deleted=True) is not None


async def test_only_records_of_the_same_connection_are_alike(world: World) -> None:
    """Not the record itself, its copy at another connection, or that of another tenant."""
    await world.create()
    record = await one_of(GoldenRecord)
    assert isinstance(record, GoldenRecord)
    connection = await world.connection()
    assert connection.id != record.db_connection_id
    assert await reads.records_alike([record]) == []
    copy = record.model_copy(update={"id": ObjectId(), "copy_id": ObjectId()})
    await copy.insert()
    await copy.model_copy(update={"id": ObjectId(), "copy_id": ObjectId(), "tenant": OTHER.tenant}).insert()
    assert await reads.records_alike([record]) == [reads.Alike(copy.id, record.digest, record.exact_digest)]


async def test_others_are_served_while_a_page_is_read(created: Finetuning) -> None:
    """A hundred documents are read in ten rounds of the event loop, and ten in one."""
    (found,) = await Finetuning.get_pymongo_collection().find({}).to_list()
    rounds = dict[int, int]()
    for count in (10, 100):
        reading = asyncio.create_task(reads.read_all(Finetuning, [found] * count))
        rounds[count] = 0
        while not reading.done():
            await asyncio.sleep(0)
            rounds[count] += 1
        assert await reading == [created] * count
    assert rounds[100] == rounds[10] + 9
