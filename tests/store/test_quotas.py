"""The tenants' quotas: counted in the same write as checked, on any number of servers."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from graphql_api.documents import Finetuning, FinetuningStatus, ObjectId
from graphql_api.store.database import Database
from graphql_api.store.quotas import (
    COLLECTION,
    STORED_WITHIN_S,
    Quota,
    QuotaLimits,
    QuotaStore,
    UsedUp,
    _stages,
)
from graphql_api.tenancy import TenantScope
from tests.world import START, StoreClock, World

ACME, OTHER = TenantScope("acme"), TenantScope("other")
DEFAULT = TenantScope("default")
NO_ROOM = UsedUp(quota=Quota.LIVE, limit=2, free_at=None)
NO_MORE_TODAY = UsedUp(quota=Quota.CREATES, limit=2, free_at=START + timedelta(days=1))


@pytest.fixture
def clock() -> StoreClock:
    """Return MongoDB's clock, at the start of a day."""
    return StoreClock()


def quotas(database: Database, clock: StoreClock, **limits: int) -> QuotaStore:
    """Return the quotas of one server."""
    return QuotaStore(database, QuotaLimits(**limits), now=clock.now)


async def take(
    quotas: QuotaStore,
    *,
    scope: TenantScope = ACME,
    finetuning_id: ObjectId | None = None,
    key: str | None = None,
) -> UsedUp | None:
    """Count one more creation."""
    return await quotas.take(finetuning_id or ObjectId(), scope=scope, idempotency_key=key)


@pytest.mark.parametrize(
    ("limits", "used_up"),
    [({"live": 2}, NO_ROOM), ({"creates_a_day": 2}, NO_MORE_TODAY)],
    ids=["live", "day"],
)
async def test_many_creations_at_once_never_exceed_a_quota(
    database: Database, clock: StoreClock, limits: dict[str, int], used_up: UsedUp
) -> None:
    """On two servers, from the tenant's very first one on; another tenant has a quota of its own."""
    servers = [quotas(database, clock, **limits) for _ in range(2)]
    found = await asyncio.gather(*(take(server) for _ in range(15) for server in servers))
    assert (found.count(None), found.count(used_up)) == (2, 28)
    assert await take(servers[0], scope=OTHER) is None


async def test_a_new_day_is_a_new_quota(database: Database, clock: StoreClock) -> None:
    """It begins at midnight in UTC, by MongoDB's clock; what was refused was not counted."""
    server = quotas(database, clock, creates_a_day=2)
    clock.advance(timedelta(hours=23, minutes=59).total_seconds())
    assert [await take(server) for _ in range(4)] == [None, None, NO_MORE_TODAY, NO_MORE_TODAY]
    clock.advance(60)
    tomorrow = UsedUp(quota=Quota.CREATES, limit=2, free_at=START + timedelta(days=2))
    assert [await take(server) for _ in range(3)] == [None, None, tomorrow]


async def test_a_repeated_creation_counts_once(database: Database, clock: StoreClock) -> None:
    """However many repeat it at once, even after the quota is used up by it; without a key each is new."""
    server = quotas(database, clock, live=2, creates_a_day=2)
    assert await asyncio.gather(*(take(server, key="$once") for _ in range(10))) == [None] * 10
    assert [await take(server), await take(server), await take(server, key="$once")] == [None, NO_ROOM, None]
    assert await take(server, key="twice") == NO_ROOM


async def create(world: World, quotas: QuotaStore) -> Finetuning:
    """Count a creation, and store its finetuning."""
    example = await Finetuning.find_one() or await world.create()
    finetuning = example.model_copy(update={"id": ObjectId(), "status": FinetuningStatus.QUEUED})
    assert await take(quotas, scope=DEFAULT, finetuning_id=finetuning.id) is None
    stored = await world.engine.store.insert(finetuning)
    assert stored is not None
    return stored


async def test_an_end_makes_room(world: World) -> None:
    """At once, whatever the end; until then there is none."""
    server = quotas(world.database, world.clock, live=3)
    created = [await create(world, server) for _ in range(2)]
    assert await take(server, scope=DEFAULT) == replace(NO_ROOM, limit=3)
    await world.cancel(created[0])
    found = [await take(server, scope=DEFAULT) for _ in range(2)]
    assert found == [None, replace(NO_ROOM, limit=3)]


async def test_live_ones_of_before_the_quota_count(world: World) -> None:
    """And those of servers without one; ended ones and another tenant's do not."""
    first, ended = await world.create(), await world.create()
    await world.cancel(ended)
    server = quotas(world.database, world.clock, live=2)
    assert [await take(server, scope=DEFAULT) for _ in range(2)] == [None, NO_ROOM]
    assert (await world.read(first)).status is FinetuningStatus.QUEUED
    assert [await take(server, scope=OTHER) for _ in range(2)] == [None, None]


async def test_a_creation_that_was_never_stored_gives_its_room_back(
    database: Database, clock: StoreClock
) -> None:
    """After the time in which it could still come: its server has died before the write."""
    server = quotas(database, clock, live=2)
    assert [await take(server) for _ in range(3)] == [None, None, NO_ROOM]
    clock.advance(STORED_WITHIN_S - 1)
    assert await take(server) == NO_ROOM
    clock.advance(1)
    assert await take(server) is None


async def test_the_list_is_bounded_without_a_quota_of_live_ones(world: World) -> None:
    """It keeps those alone that may be under way."""
    server = quotas(world.database, world.clock, creates_a_day=10)
    await create(world, server)
    world.clock.advance(STORED_WITHIN_S)
    last = await create(world, server)
    stored = await world.database[COLLECTION].find_one({"_id": "default"})
    assert stored is not None
    assert [entry["id"] for entry in stored["held"]] == [last.id]


@pytest.mark.parametrize("limits", [{"live": 2, "creates_a_day": 2}, {"creates_a_day": 2}])
async def test_of_repeated_creations_another_one_may_be_stored(world: World, limits: dict[str, int]) -> None:
    """Than the one that was counted: they are one all the same, while it lives and for later repetitions."""
    server = quotas(world.database, world.clock, **limits)
    assert [await take(server, scope=DEFAULT, key="once") for _ in range(2)] == [None, None]
    await world.create(idempotency_key="once")
    assert await take(server, scope=DEFAULT, key="once") is None
    found = [await take(server, scope=DEFAULT, key=key) for key in ("other", "once", "third")]
    assert [one is None for one in found] == [True, True, False]
    world.clock.advance(STORED_WITHIN_S)
    assert await take(server, scope=DEFAULT, key="once") is None
    stored = await world.database[COLLECTION].find_one({"_id": "default"})
    assert stored is not None
    assert stored["creates"] == 2


async def test_a_repetition_counts_once_even_by_an_old_read(world: World) -> None:
    """It read before the other one was stored, and counts after the list has taken notice of that."""
    server = quotas(world.database, world.clock, live=2)
    await take(server, scope=DEFAULT, key="once")
    old = await server._known(DEFAULT, "once")
    await world.create(idempotency_key="once")
    assert await take(server, scope=DEFAULT) is None
    entry = {"id": ObjectId(), "key": "once", "at": world.clock.now()}
    stages = _stages(entry, known=old, limits=server._limits, now=world.clock.now())
    after = await server._counted("default", stages)
    assert (after["full"], after["creates"]) == (None, 2)
