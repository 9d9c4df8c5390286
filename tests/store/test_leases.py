"""Leases: one holder at a time.

The tests hold the holder, the term and the clock.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graphql_api.documents import FinetuningStatus
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings, held_by
from graphql_api.tenancy import TenantScope
from tests.stages import Stage, ended, held_at, let_go_at, raw
from tests.world import World

LEASE_S = 60


async def test_a_new_finetuning_is_due_at_once(world: World) -> None:
    """The claim takes the lease for its full term and is due again when that ends."""
    created = await world.create()
    held = await world.engine.store.claim_due(token="one")
    assert held is not None
    assert held.lease is not None
    assert held.id == created.id
    assert (held.lease.owner, held.lease.token) == ("tests", "one")
    assert held.lease.taken_at == world.clock.now()
    assert held.lease.expires_at == held.due_at == world.clock.now() + timedelta(seconds=LEASE_S)
    assert held.timeline == created.timeline


async def test_the_longest_due_comes_first(world: World) -> None:
    """Every finetuning has its turn: the order is that of the due times, not that of creation."""
    store = world.engine.store
    waiting = [await let_go_at(world, Stage.CREATED) for _ in range(3)]
    for finetuning, due_in_s in zip(waiting, (30, 10, 20), strict=True):
        world.clock.advance(10)
        held = await store.claim(finetuning.id, token="x")
        assert held is not None
        assert await store.record_wait(held, due_in_s=due_in_s - 10) is not None
        world.clock.advance(-10)
    world.clock.advance(60)
    claims = [await store.claim_due(token=str(turn)) for turn in range(4)]
    assert [claim and claim.id for claim in claims] == [waiting[1].id, waiting[2].id, waiting[0].id, None]


async def test_what_is_not_due_is_not_claimed(world: World) -> None:
    """One millisecond early is too early, by either claim."""
    waiting = await let_go_at(world, Stage.CREATED)
    world.clock.advance(9.999)
    assert await world.engine.store.claim_due(token="x") is None
    assert await world.engine.store.claim(waiting.id, token="x") is None
    assert (await world.read(waiting)).lease is None
    world.clock.advance(0.001)
    assert await world.engine.store.claim_due(token="x") is not None


async def test_what_is_held_is_not_claimed(world: World) -> None:
    """A held lease stands to its very end, even if the document is due."""
    held = await held_at(world, Stage.ATTACHED)
    await world.database["finetunings"].update_one({"_id": held.id}, {"$set": {"due_at": world.clock.now()}})
    world.clock.advance(LEASE_S - 0.001)
    before = await raw(world, held)
    assert await world.engine.store.claim_due(token="x") is None
    assert await world.engine.store.claim(held.id, token="x") is None
    assert await raw(world, held) == before


async def test_an_expired_lease_can_be_taken_and_its_old_holder_is_fenced_off(world: World) -> None:
    """The new holder's token is the only one that writes; the old one cannot give the lease away either."""
    store = world.engine.store
    old = await held_at(world, Stage.ATTACHED)
    world.clock.advance(LEASE_S)
    new = await store.claim_due(token="new")
    assert new is not None
    await store.release(old)
    assert await store.record_fault(old, "late", due_in_s=0) is None
    after = await world.read(old)
    assert after.lease == new.lease
    assert after.faults == 0
    assert await store.record_wait(new, due_in_s=1) is not None


async def test_a_renewed_lease_runs_for_a_full_term(world: World) -> None:
    """From the moment of the renewal; one that somebody else holds by now is not renewed."""
    store = world.engine.store
    held = await held_at(world, Stage.ATTACHED)
    world.clock.advance(LEASE_S - 1)
    renewed = await store.renew(held)
    assert renewed is not None
    assert renewed.lease is not None
    assert renewed.lease.expires_at == renewed.due_at == world.clock.now() + timedelta(seconds=LEASE_S)
    world.clock.advance(LEASE_S)
    new = await store.claim_due(token="new")
    assert new is not None
    assert await store.renew(held) is None
    assert (await world.read(held)).lease == new.lease


async def test_a_holder_that_was_slow_but_not_replaced_may_still_write(world: World) -> None:
    """Expiry lets others in; it takes nothing from a holder without a successor."""
    held = await held_at(world, Stage.ATTACHED)
    world.clock.advance(LEASE_S * 10)
    assert await world.engine.store.record_wait(held, due_in_s=1) is not None


async def test_a_released_lease_is_free_at_once(world: World) -> None:
    """Releasing hands over without waiting for the term to end, and without an event."""
    held = await held_at(world, Stage.MARKED)
    await world.engine.store.release(held)
    released = await world.read(held)
    assert (released.lease, released.due_at) == (None, world.clock.now())
    assert released.timeline == held.timeline
    assert await world.engine.store.claim(held.id, token="next") is not None


async def test_an_ended_finetuning_is_never_due(world: World) -> None:
    """An ended finetuning with nothing left behind is not polled again."""
    closed = await ended(world, FinetuningStatus.SUCCEEDED)
    assert closed.due_at is None
    world.clock.advance(10**6)
    assert await world.engine.store.claim_due(token="x") is None


async def test_of_many_claims_at_once_one_wins_each_finetuning(world: World) -> None:
    """Twenty claimers, three finetunings: three winners with three different finetunings."""
    created = [await world.create() for _ in range(3)]
    claims = await asyncio.gather(*[world.engine.store.claim_due(token=str(n)) for n in range(20)])
    assert {claim.id for claim in claims if claim} == {one.id for one in created}
    assert sum(claim is not None for claim in claims) == 3


async def test_a_claim_reads_one_index_entry_however_many_have_ended(world: World) -> None:
    """The due index leaves out the ended ones, and its order is the claim's order."""
    await world.create()
    template = await raw(world, await ended(world, FinetuningStatus.FAILED))
    del template["_id"]
    await world.database["finetunings"].insert_many([{**template} for _ in range(50)])
    await world.database.command("profile", 2)
    try:
        assert await world.engine.store.claim_due(token="x") is not None
    finally:
        await world.database.command("profile", 0)
    profiled = await world.database["system.profile"].find_one({"command.findAndModify": "finetunings"})
    await world.database.drop_collection("system.profile")
    assert profiled is not None
    assert profiled["planSummary"] == "IXSCAN { due_at: 1 }"
    assert (profiled["keysExamined"], profiled["docsExamined"]) == (1, 1)


async def test_without_another_clock_the_times_are_mongodbs(world: World) -> None:
    """In production one instant of the database's own clock stamps a whole write."""
    leased = LeasedFinetunings(world.database["finetunings"], owner="tests", lease_s=LEASE_S)
    production = FinetuningStore(leased)
    before = datetime.now(UTC) - timedelta(seconds=5)
    created = await replace(world, engine=replace(world.engine, store=production)).create()
    assert before < created.created_at < before + timedelta(seconds=60)
    assert created.created_at == created.updated_at == created.due_at == created.timeline[0].at
    held = await production.claim_due(token="x")
    assert held is not None
    assert held.lease is not None
    assert held.lease.expires_at - held.lease.taken_at == timedelta(seconds=LEASE_S)
    assert held.lease.taken_at >= created.created_at
    waiting = await production.record_wait(held, due_in_s=LEASE_S)
    assert waiting is not None
    assert waiting.due_at == waiting.updated_at + timedelta(seconds=LEASE_S)
    assert await production.claim(created.id, token="y") is None


async def test_each_write_is_noted_and_a_lease_alone_is_no_change(world: World) -> None:
    """Else a server that takes over would tell the other's last change as its own."""
    noted = list[bool]()
    leased = LeasedFinetunings(
        world.database["finetunings"],
        owner="tests",
        lease_s=LEASE_S,
        noted=lambda _, *, is_change: noted.append(is_change),
    )
    store = FinetuningStore(leased)
    created = await replace(world, engine=replace(world.engine, store=store)).create()
    held = await store.claim_due(token="x")
    assert held is not None
    await store.release(held)
    await store.update(created.id, scope=TenantScope.of(created), fields={"alias": "b"}, updated_by="ann")
    assert await store.claim(created.id, token="y") is not None
    assert noted == [True, False, False, True, False]


async def test_a_write_by_nobodys_lease_is_a_programming_error(world: World) -> None:
    """A finetuning without a lease has no holder to write for."""
    created = await world.create()
    with pytest.raises(ValueError, match=f"^finetuning {created.id} is not held by anyone$"):
        held_by(created)
