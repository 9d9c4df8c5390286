"""The provider's word for a job, and its denials.

A denial is not believed at once.
"""

import asyncio
from dataclasses import replace

import pytest

from graphql_api.documents import CANCELLED_BY_USER, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.jobs import JobStatus
from graphql_api.sandbox.openai.training import Durations
from tests.provider_faults import LOST, LOST_BUT_APPLIED, UNANSWERED, at, each
from tests.world import World

GRACE_S = 120
UNKNOWN = Fault(kind=FaultKind.STATUS, operation="jobs.retrieve", status=404)


def lose_job(world: World) -> None:
    """Let the provider forget its only job."""
    world.sandbox.account.holdings.jobs.clear()


async def seconds_until_end(world: World, finetuning: Finetuning) -> float:
    """Let the worker work up to the end of the finetuning, and return the seconds it took."""
    began = world.clock.now()
    while not (await world.read(finetuning)).status.is_terminal:
        world.advance(1)
        await world.work()
        assert (world.clock.now() - began).total_seconds() < 600
    return (world.clock.now() - began).total_seconds()


async def test_a_job_that_vanished_fails_its_finetuning_after_the_grace_time(world: World) -> None:
    """Within the grace time the last known status stands; after it the failure names the job."""
    training = await world.created_and_training()
    lose_job(world)
    world.advance(10)
    await world.work()
    doubted = await world.read(training)
    assert (doubted.status, doubted.error) == (FinetuningStatus.RUNNING, None)
    assert doubted.missing_since == world.clock.now()

    assert GRACE_S <= await seconds_until_end(world, training) <= GRACE_S + 61
    after = await world.read(training)
    assert after.status is FinetuningStatus.FAILED
    assert after.error == f"The provider does not know the job {training.finetuning_job_id}."
    assert (after.finetuning_job_id, after.cancellation) == (training.finetuning_job_id, None)
    assert world.calls("jobs.create") == 1


async def test_a_job_that_vanished_and_came_back_is_trained_to_its_end(world: World) -> None:
    """One good answer ends the doubt: the grace time begins anew with the next 404."""
    training = await world.created_and_training()
    for _ in range(3):
        world.fault(at("jobs.retrieve", UNKNOWN))
        world.advance(10)
        await world.work()
        assert (await world.read(training)).missing_since == world.clock.now()
        world.advance(1)
        await world.work()
        assert (await world.read(training)).missing_since is None
    await world.drain(seconds=100)
    assert (await world.read(training)).status is FinetuningStatus.SUCCEEDED


async def test_other_failures_do_not_shorten_the_doubt(world: World) -> None:
    """Only a 404 says that the job is missing, and only the time of 404s counts from the first one."""
    training = await world.created_and_training()
    world.fault(at("jobs.retrieve", LOST["500"], times=None))
    await world.drain(seconds=400, step_s=15)
    after = await world.read(training)
    assert (after.status, after.missing_since) == (FinetuningStatus.RUNNING, None)


async def test_a_cancelled_job_that_vanished_is_closed_unconfirmed(world: World) -> None:
    """The cancel was not confirmed, and the answer says so; no error reaches the caller."""
    training = await world.created_and_training()
    lose_job(world)
    requested = await world.cancel(training)
    assert requested.status is FinetuningStatus.RUNNING
    assert requested.cancellation is not None
    assert (requested.cancellation.phase, requested.cancellation.attempts) == (
        CancellationPhase.REQUESTED,
        1,
    )
    assert str(requested.cancellation.last_error).startswith("The provider refused the request (404)")

    assert GRACE_S <= await seconds_until_end(world, training) <= GRACE_S + 61
    after = await world.read(training)
    assert (after.status, after.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.UNCONFIRMED
    assert after.cancellation.confirmed_at is None
    assert after.cancellation.attempts == world.calls("jobs.cancel")


async def test_a_cancelled_job_that_comes_back_is_cancelled_for_real(world: World) -> None:
    """A 404 from a wrong account does not let a job train on behind a closed finetuning."""
    world.sandbox.account.durations = Durations(running_s=10**6)
    training = await world.created_and_training()
    kept = dict(world.sandbox.account.holdings.jobs)
    lose_job(world)
    await world.cancel(training)
    await world.drain(seconds=GRACE_S - 75)
    world.sandbox.account.holdings.jobs.update(kept)
    await world.drain(seconds=100)
    after = await world.read(training)
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.CONFIRMED
    assert world.live_jobs() == []


@each({name: LOST[name] for name in ("reset", "500", "empty")})
async def test_a_cancel_of_a_lost_create_call_never_posts_again(world: World, fault: Fault) -> None:
    """If no job turns up within the grace time the finetuning is closed, without a confirmation."""
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.work()
    requested = await world.cancel(created)
    assert requested.status is FinetuningStatus.QUEUED
    assert requested.cancellation is not None
    assert requested.cancellation.phase is CancellationPhase.REQUESTED
    assert GRACE_S - 10 <= await seconds_until_end(world, created) <= GRACE_S + 61
    await world.drain(seconds=300)
    after = await world.read(created)
    assert (after.status, after.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.UNCONFIRMED
    assert (world.calls("jobs.create"), world.calls("jobs.cancel"), world.jobs()) == (1, 0, [])


@each({name: LOST_BUT_APPLIED[name] for name in ("reset", "500", "truncated")})
async def test_a_cancel_finds_the_job_whose_reply_was_lost(world: World, fault: Fault) -> None:
    """The caller's own turn looks the job up, adopts it, cancels it and reads it back."""
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.work()
    cancelled = await world.cancel(created)
    assert cancelled.status is FinetuningStatus.CANCELLED
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.phase is CancellationPhase.CONFIRMED
    assert cancelled.finetuning_job_id == world.jobs()[0].id
    assert (world.calls("jobs.create"), world.calls("jobs.cancel"), world.live_jobs()) == (1, 1, [])


async def test_a_cancelled_job_that_turns_up_late_is_cancelled(hasty_world: World) -> None:
    """The create call takes effect long after it was given up: found by our id, cancelled, confirmed."""
    world = hasty_world
    world.fault(at("jobs.create", Fault(kind=FaultKind.DELAY, seconds=60)))
    created = await world.create()
    await world.work()
    pending = await world.cancel(created)
    assert pending.status is FinetuningStatus.QUEUED
    assert world.jobs() == []
    await world.drain(seconds=150, step_s=1)
    after = await world.read(created)
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.CONFIRMED
    assert (world.calls("jobs.create"), world.live_jobs(), len(world.jobs())) == (1, [], 1)


@each({name: fault for name, fault in UNANSWERED.items() if name != "400"})  # a refusal is an answer
async def test_a_cancel_that_cannot_look_its_job_up_stays_requested(world: World, fault: Fault) -> None:
    """The grace time alone closes nothing: without a look-up that found nothing a job may be training."""
    world.fault(at("jobs.create", LOST_BUT_APPLIED["reset"]))
    created = await world.create()
    await world.work()
    world.fault(at("jobs.list", fault, times=None))
    requested = await world.cancel(created)
    await world.drain(seconds=GRACE_S * 3, step_s=15)
    later = await world.read(created)
    for finetuning in (requested, later):
        assert finetuning.status is FinetuningStatus.QUEUED
        assert finetuning.cancellation is not None
        assert finetuning.cancellation.phase is CancellationPhase.REQUESTED
        assert finetuning.cancellation.last_error is not None
    world.sandbox.faults.clear()
    await world.drain(seconds=61)
    assert (await world.read(created)).status.is_terminal
    assert (world.calls("jobs.create"), world.live_jobs()) == (1, [])


async def test_a_cancel_after_a_create_call_was_given_up_is_unconfirmed(world: World) -> None:
    """It closes at once, and claims nothing about the unanswered call."""
    world.fault(at("jobs.create", LOST["reset"]))
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429, times=None))
    created = await world.create()
    await world.drain(seconds=GRACE_S + 60)
    assert world.calls("jobs.create") > 1
    cancelled = await world.cancel(created)
    assert cancelled.status is FinetuningStatus.CANCELLED
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.phase is CancellationPhase.UNCONFIRMED
    assert cancelled.cancellation.confirmed_at is None


async def test_a_job_without_our_mark_is_found_by_its_file(world: World) -> None:
    """An endpoint that drops metadata does not make us pay for a second job."""
    world.fault(at("jobs.create", LOST_BUT_APPLIED["reset"]))
    created = await world.create()
    await world.work()
    world.jobs()[0].metadata = None
    await world.drain(seconds=300)
    after = await world.read(created)
    assert (after.status, after.finetuning_job_id) == (FinetuningStatus.SUCCEEDED, world.jobs()[0].id)
    assert world.calls("jobs.create") == 1


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "lost"])
async def test_a_cancel_while_the_create_call_is_under_way_stops_the_job_it_makes(
    world: World, answered: bool
) -> None:
    """The worker cancels as it learns the id; the caller gave up before, and was told the truth."""
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.create", applied=True))
    created = await world.create()
    working = asyncio.create_task(world.work())
    await world.seen("jobs.create")
    pending = await world.cancel(created)
    assert pending.status is FinetuningStatus.QUEUED
    assert pending.cancellation is not None
    assert pending.cancellation.phase is CancellationPhase.REQUESTED
    assert pending.finetuning_job_id is None
    if answered:
        world.sandbox.faults.release()
    else:
        await world.server.stop()
        await world.server.start()
    await working
    cancelled = await world.read(created)
    assert cancelled.status is FinetuningStatus.CANCELLED
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.phase is CancellationPhase.CONFIRMED
    assert (world.calls("jobs.create"), world.calls("jobs.cancel"), world.live_jobs()) == (1, 1, [])


async def test_of_two_jobs_with_our_mark_the_live_one_is_kept(world: World) -> None:
    """The look-up adopts the live one and stops nothing; the ended one is history."""
    world.fault(Fault(kind=FaultKind.RESET, operation="jobs.create", applied=True))
    created = await world.create()
    await world.work()
    (first,) = world.jobs()
    world.sandbox.account.holdings.jobs["ftjob-second"] = replace(
        first, id="ftjob-second", plan=list(first.plan), history=list(first.history)
    )
    world.sandbox.account.finish_job(first.id, outcome=JobStatus.CANCELLED)
    world.advance(5)
    await world.work()
    after = await world.read(created)
    assert (after.finetuning_job_id, after.status.is_terminal) == ("ftjob-second", False)
    assert world.calls("jobs.cancel") == 0


async def test_a_wrong_address_ends_no_training(world: World) -> None:
    """While the list cannot be had either, a 404 proves nothing, however long it lasts."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.STATUS, operation="*", status=404, times=None))
    await world.drain(seconds=600)
    assert (await world.read(training)).status is FinetuningStatus.RUNNING
    world.sandbox.faults.clear()
    await world.drain(seconds=200)
    after = await world.read(training)
    assert after.status is FinetuningStatus.SUCCEEDED
    assert (world.calls("jobs.create"), world.calls("jobs.cancel")) == (1, 0)
