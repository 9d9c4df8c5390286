"""The upkeep: one of all servers does each chore.

It does so in each period, and a failing chore waits for the next.
"""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest
from bson import ObjectId
from pymongo.errors import ServerSelectionTimeoutError
from structlog.testing import capture_logs

from graphql_api.accounts.manage import set_disabled
from graphql_api.documents import CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.store.periodic_tasks import LONG_DUE, Chores
from graphql_api.upkeep.rounds import AccountUpkeep, SweepMode, Upkeep, gauge_overdue
from tests.accounts.stage import account_of
from tests.engine.test_crash import ENDLESS
from tests.stages import raw
from tests.upkeep.test_status_sync import live
from tests.upkeep.test_sweep import stray
from tests.world import OPENAI, World

HOUR_S = 3600
OVERDUE_S = 300


@pytest.fixture
def world(world: World) -> World:
    """Yield a world with jobs without an end of their own."""
    world.sandbox.account.durations = ENDLESS
    return world


def upkeep_of(world: World, *, sweep_mode: SweepMode = "on") -> Upkeep:
    """Return the upkeep as one more server does it."""
    own = AccountUpkeep(
        engine=world.engine,
        accounts=world.engine.accounts.own_keys,
        chores=Chores(world.database["chores"]),
        sweep_mode=sweep_mode,
        sweep_interval_s=HOUR_S,
    )
    return Upkeep(own=own, overdue_s=OVERDUE_S)


def upkeep_of_tenants(world: World, *, limit_s: float | None = None) -> AccountUpkeep:
    """Return the upkeep of tenants' accounts."""
    own = upkeep_of(world).own
    return replace(own, accounts=world.engine.accounts.keys_of_tenants, limit_s=limit_s, under_way=set())


async def do_all(world: World, *, sweep_mode: SweepMode = "on") -> None:
    """Do every chore, as if all were due."""
    await world.database["chores"].delete_many({})
    assert await upkeep_of(world, sweep_mode=sweep_mode).do_due() is True


async def overdue(world: World) -> str:
    """Return the gauge's present number."""
    await gauge_overdue(world.engine, overdue_s=OVERDUE_S)
    (line,) = [
        line
        for line in world.engine.metrics.exposition().decode().splitlines()
        if line.startswith("finetuning_cancels_overdue ")
    ]
    return line.partition(" ")[2]


async def refused_cancel(world: World) -> Finetuning:
    """Return a finetuning with a cancel refused by the provider."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=500, times=None))
    asked = await world.cancel(training)
    assert asked.status is FinetuningStatus.RUNNING
    return asked


async def test_one_of_several_servers_does_each_chore(world: World) -> None:
    """All come together; the list is read once for the sync and once for the sweep."""
    await live(world, 6)
    done = await asyncio.gather(*[upkeep_of(world).do_due() for _ in range(5)])
    assert True in done
    assert world.calls("jobs.list") == 2
    names = {chore["_id"] async for chore in world.database["chores"].find({})}
    assert names == {"sync openai:default", "watchdog", "sweep openai:default"}
    assert await upkeep_of(world).do_due() is False
    assert world.calls("jobs.list") == 2


async def test_the_sweep_is_on_dry_or_off(world: World) -> None:
    """Off asks nothing, dry-run tells, on stops."""
    stray(world)
    await do_all(world, sweep_mode="off")
    assert world.sandbox.calls.find() == []
    await do_all(world, sweep_mode="dry-run")
    assert (world.calls("jobs.list"), world.calls("jobs.cancel"), len(world.live_jobs())) == (1, 0, 1)
    await do_all(world, sweep_mode="on")
    assert (world.calls("jobs.list"), world.calls("jobs.cancel"), world.live_jobs()) == (2, 1, [])


async def test_a_silent_provider_keeps_no_chore_from_its_turn(world: World) -> None:
    """Each that has to wait says so, and does its work in the next period."""
    finetunings = await live(world, 6)
    stray(world)
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.list", status=503, times=2))
    with capture_logs() as logs:
        await do_all(world)
    told = [(log["chore"], log["log_level"], bool(log["reason"])) for log in logs]
    assert told == [("sync openai:default", "warning", True), ("sweep openai:default", "warning", True)]
    assert len(world.live_jobs()) == 7
    assert (await world.read(finetunings[0])).synced_at is None
    await do_all(world)
    assert len(world.live_jobs()) == 6
    assert (await world.read(finetunings[0])).synced_at == world.clock.now()


async def test_an_overdue_cancel_is_told_of_once(world: World) -> None:
    """In the timeline, in the log with the reason in words, and in the gauge for as long as it lasts."""
    asked = await refused_cancel(world)
    await do_all(world)
    assert (await overdue(world), (await world.read(asked)).overdue_at) == ("0.0", None)
    world.clock.advance(OVERDUE_S)
    before = await world.read(asked)
    with capture_logs() as logs:
        await do_all(world)
        await do_all(world)
    marked = await world.read(asked)
    assert marked.cancellation is not None
    assert marked.cancellation.last_error
    told = [log for log in logs if log["event"] == "a cancel is overdue"]
    assert [(log["finetuning"], log["reason"]) for log in told] == [
        (str(asked.id), marked.cancellation.last_error)
    ]
    assert "500" in marked.cancellation.last_error
    assert [event.kind.value for event in marked.timeline[len(before.timeline) :]] == ["cancel_overdue"]
    assert (marked.overdue_at, await overdue(world)) == (world.clock.now(), "1.0")
    marks = {"timeline", "overdue_at", "version", "updated_at"}
    assert marked.model_dump(exclude=marks) == before.model_dump(exclude=marks)
    assert marked.cancellation.phase is CancellationPhase.REQUESTED

    world.sandbox.faults.clear()
    await world.work()
    await do_all(world)
    after = await world.read(asked)
    assert (after.status, await overdue(world)) == (FinetuningStatus.CANCELLED, "0.0")
    assert [event.kind.value for event in after.timeline].count("cancel_overdue") == 1


async def test_every_overdue_cancel_is_told_of_in_one_round(world: World) -> None:
    """One round marks them all, and nothing that is not overdue."""
    for _ in range(3):
        await refused_cancel(world)
    world.clock.advance(OVERDUE_S)
    young = await refused_cancel(world)
    training = await world.created_and_training()
    untouched = [await raw(world, one) for one in (young, training)]
    await do_all(world)
    assert await overdue(world) == "3.0"
    assert await Finetuning.find({"overdue_at": {"$ne": None}}).count() == 3
    assert [await raw(world, one) for one in (young, training)] == untouched


class Away:
    """A store with a silent MongoDB."""

    async def count_overdue(self, *, older_than_s: float) -> int:
        """Give up, as the driver does."""
        raise ServerSelectionTimeoutError("no primary")


async def test_the_gauge_is_no_number_while_mongodb_is_away(world: World) -> None:
    """A scraper is neither kept waiting nor told an old number."""
    await refused_cancel(world)
    world.clock.advance(OVERDUE_S)
    assert await overdue(world) == "1.0"
    world.engine = replace(world.engine, upkeep=cast("Any", Away()))
    assert await overdue(world) == "NaN"


async def test_upkeep_on_nothing_does_nothing(world: World) -> None:
    """Without finetunings a round is one look at the provider's list."""
    await do_all(world)
    assert [call.operation for call in world.sandbox.calls.find()] == ["jobs.list"]
    assert await overdue(world) == "0.0"


async def test_what_is_looked_after_must_be_there(world: World) -> None:
    """An operation about no finetuning, or an ended one, writes nothing and says so."""
    upkeep = world.engine.upkeep
    assert await upkeep.hint({"_id": ObjectId()}) is None
    assert await upkeep.record_orphan(ObjectId(), "ftjob-1", "stopped") is None
    assert await upkeep.claim_job("ftjob-1", token="t") is None
    assert await upkeep.mark_overdue(older_than_s=0) is None
    assert (
        await upkeep.count_overdue(older_than_s=0),
        await upkeep.live_job_ids(account=OPENAI, most=9),
    ) == (0, {})
    assert await Finetuning.find_all().count() == 0


async def chores_of(world: World) -> set[str]:
    """Return the names of the chores begun so far."""
    return {chore["_id"] async for chore in world.database["chores"].find({})}


async def test_each_account_has_chores_of_its_own(world: World) -> None:
    """One that has to wait keeps no other waiting, and is begun once; a disabled account has none."""
    account, other = await account_of(world), await account_of(world, name="other")
    upkeep = upkeep_of_tenants(world)
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.list"))
    slow = asyncio.create_task(upkeep.do_due())
    await world.seen("jobs.list")
    [hung] = upkeep.under_way
    assert await upkeep.do_due() is True
    assert upkeep.under_way == {hung}
    of_tenants = {f"{chore} {one.key}" for chore in ("sync", "sweep") for one in (account, other)}
    assert await chores_of(world) == of_tenants
    assert await upkeep.do_due() is False
    begun = world.calls("jobs.list")
    await world.database["chores"].update_one({"_id": hung}, {"$set": {"due_at": LONG_DUE}})
    assert (await upkeep.do_due(), world.calls("jobs.list")) == (False, begun)
    world.sandbox.faults.release()
    await slow
    assert upkeep.under_way == set()
    await set_disabled(str(account.id), disabled=True, caller=world.caller)
    await world.database["chores"].delete_many({})
    await upkeep_of_tenants(world).do_due()
    assert await chores_of(world) == {f"sync {other.key}", f"sweep {other.key}"}


async def test_the_chore_of_a_tenants_account_has_a_time_limit(world: World) -> None:
    """Its endpoint may have a list without an end."""
    account = await account_of(world)
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.list", times=None))
    with capture_logs() as logs:
        assert await upkeep_of_tenants(world, limit_s=0.1).do_due() is True
    broken_off = [log["chore"] for log in logs if log["event"] == "a chore was broken off"]
    assert broken_off == [f"sweep {account.key}"]
    world.sandbox.faults.release()
