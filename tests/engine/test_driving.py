"""Settling: one step after another for everyone.

All callers work under one lease at a time.
"""

import asyncio
from random import Random

import pytest

from graphql_api.documents import Finetuning, FinetuningStatus, ObjectId
from graphql_api.engine.driving import granted, settle, take_over, work_once
from graphql_api.engine.engine import Engine
from graphql_api.engine.reconcile import converge
from graphql_api.errors import FinetuningNotCancellableError
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.training import Durations
from tests.interruptions import Interrupted
from tests.stages import Stage, ask, held_at, raw
from tests.world import World


async def test_without_the_lease_nothing_is_settled(world: World) -> None:
    """A token that is not the holder's makes no call and no write."""
    held = await held_at(world, Stage.ATTACHED)
    before = await raw(world, held)
    assert await settle(world.engine, held, token="another") == held
    assert await take_over(world.engine, held.id) == held
    assert await raw(world, held) == before
    assert world.sandbox.calls.find() == []


async def test_an_unknown_finetuning_cannot_be_taken_over(world: World) -> None:
    """There is nothing to settle and nothing to return."""
    assert await take_over(world.engine, ObjectId()) is None


async def test_an_idle_pass_finds_nothing(world: World) -> None:
    """Without due work a pass does nothing and says so."""
    await world.created_and_training()
    assert await work_once(world.engine) is False


async def test_one_pass_settles_one_finetuning(world: World) -> None:
    """Others that are due are left for other passes."""
    created = [await world.create() for _ in range(2)]
    assert await work_once(world.engine) is True
    known = [(await world.read(one)).finetuning_job_id is not None for one in created]
    assert sorted(known) == [False, True]


async def test_a_worker_that_is_shut_down_in_a_create_call_gives_its_lease_back(world: World) -> None:
    """The mark stays, so the next worker looks the job up at once and does not make another."""
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.create", applied=True))
    created = await world.create()
    working = asyncio.create_task(work_once(world.engine))
    await world.seen("jobs.create")
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    left = await world.read(created)
    assert (left.lease, left.due_at, left.finetuning_job_id) == (None, world.clock.now(), None)
    assert left.submission is not None
    await world.work()
    assert (await world.read(created)).finetuning_job_id == world.jobs()[0].id
    assert (world.calls("jobs.create"), world.calls("jobs.list")) == (1, 1)


async def test_a_lease_granted_to_a_caller_who_is_gone_is_given_back(world: World) -> None:
    """The claim had reached MongoDB when its caller was cancelled: there is no wait for the lease to end."""
    created, written, answered = await world.create(), asyncio.Event(), asyncio.Event()

    async def claim(*, token: str) -> Finetuning | None:
        claimed = await world.engine.store.claim_due(token=token)
        written.set()
        await answered.wait()
        return claimed

    asking = asyncio.create_task(granted(world.engine, claim, token="t"))
    await written.wait()
    assert (await world.read(created)).lease is not None
    asking.cancel()
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    left = await world.read(created)
    assert (left.lease, left.due_at) == (None, world.clock.now())


async def test_a_defect_costs_one_lease_and_no_finetuning(world: World) -> None:
    """An unexpected error passes through; the finetuning is taken over when the lease ends."""

    async def broken() -> None:
        raise LookupError("a defect")

    created = await world.create()
    engine = Interrupted(at=3, interruption=broken).engine(world.engine)
    with pytest.raises(LookupError, match="a defect"):
        await work_once(engine)
    assert await work_once(world.engine) is False
    world.advance(world.engine.timing.lease_s)
    assert await work_once(world.engine) is True
    assert (await world.read(created)).finetuning_job_id == world.jobs()[0].id


async def test_many_workers_make_one_job_for_each_finetuning(world: World) -> None:
    """Six workers on eight finetunings: eight files, eight jobs, eight models."""
    created = [await world.create() for _ in range(8)]
    for _ in range(10):
        await asyncio.gather(*[world.work() for _ in range(6)])
        world.advance(10)
    assert {(await world.read(one)).status for one in created} == {FinetuningStatus.SUCCEEDED}
    assert (world.calls("files.create"), world.calls("jobs.create")) == (8, 8)
    assert len({(await world.read(one)).model_id for one in created}) == 8


@pytest.mark.parametrize("seed", range(6))
async def test_cancels_among_busy_workers_on_a_bad_day_all_come_true(world: World, seed: int) -> None:
    """Random faults, three workers, two callers for each finetuning: no job outlives its cancel."""
    random = Random(seed)
    world.sandbox.account.durations = Durations(running_s=10**6)
    operations = ["files.create", "files.delete", "jobs.create", "jobs.list", "jobs.retrieve", "jobs.cancel"]
    for _ in range(20):
        status = random.choice([401, 404, 409, 429, 500]) if random.random() < 0.5 else 503
        kind = random.choice([FaultKind.RESET, FaultKind.STATUS, FaultKind.CUT, FaultKind.TRUNCATED])
        operation, applied = random.choice(operations), random.random() < 0.5
        applied = applied and status >= 500
        world.fault(Fault(kind=kind, operation=operation, status=status, applied=applied))
    created = [await world.create() for _ in range(4)]
    for finetuning in created:
        work = [world.work() for _ in range(3)]
        cancels = [world.cancel(finetuning) for _ in range(2)]
        answers = await asyncio.gather(*random.sample([*work, *cancels], k=5), return_exceptions=True)
        assert [one for one in answers if isinstance(one, Exception)] == [
            one for one in answers if isinstance(one, FinetuningNotCancellableError)
        ]
        world.advance(random.choice([0.5, 5, 30]))
    world.sandbox.faults.clear()
    await world.drain(seconds=400, step_s=10)

    for one in created:
        after = await world.read(one)
        assert after.status.is_terminal
        assert (after.due_at, after.leftover_file) == (None, None)
        made = world.sandbox.calls.find("jobs.create", applied=True, metadata={"finetuning_id": str(one.id)})
        assert len(made) <= 1
    assert world.live_jobs() == []


async def test_a_list_answers_the_first_look_and_none_after_a_cancel(world: World) -> None:
    """The list is older than any later request."""
    first, second = [await world.created_and_training() for _ in range(2)]
    jobs = {job.id: job async for job in (await world.engine.provider_of(first)).list_jobs()}
    looked = world.calls("jobs.retrieve")

    async def claimed(finetuning: Finetuning) -> Finetuning:
        held = await world.engine.upkeep.claim_job(str(finetuning.finetuning_job_id), token="t")
        assert held is not None
        return held

    async def listed(engine: Engine, held: Finetuning) -> Finetuning | None:
        return await converge(engine, held, jobs[str(held.finetuning_job_id)])

    world.sandbox.account.finish_job(str(first.finetuning_job_id))
    seen = await settle(world.engine, await claimed(first), token="t", first=listed)
    assert (seen.status, seen.lease, world.calls("jobs.retrieve") - looked) == ("running", None, 0)
    asked = await settle(world.engine, await claimed(first), token="t")
    assert (asked.status, world.calls("jobs.retrieve") - looked) == ("succeeded", 1)
    held = await claimed(second)
    await ask(world, held)
    cancelled = await settle(world.engine, held, token="t", first=listed)
    assert (cancelled.status, cancelled.lease) == ("cancelled", None)
    assert (world.calls("jobs.cancel"), world.calls("jobs.retrieve") - looked) == (1, 2)
