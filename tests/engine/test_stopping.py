"""The steps towards a stopped job.

A finetuning is called cancelled only after the provider's own word.
"""

import asyncio
from dataclasses import replace

import pytest

from graphql_api.documents import CANCELLED_BY_USER, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.engine.engine import Timing
from graphql_api.errors import FinetuningNotCancellableError
from graphql_api.finetunings.cancel import cancel
from graphql_api.sandbox.faults import Fault, FaultKind, Outcome
from graphql_api.sandbox.openai.jobs import JobStatus
from graphql_api.sandbox.openai.training import Durations
from tests.provider_faults import (
    LOST,
    LOST_BUT_APPLIED,
    REFUSED,
    REFUSED_FOR_NOW,
    SILENT,
    UNANSWERED,
    at,
    each,
)
from tests.world import World


def assert_cancelled(
    world: World, finetuning: Finetuning, *, attempts: int, phase: CancellationPhase | None = None
) -> None:
    """Assert that the cancel came true, and that no live job is left."""
    assert (finetuning.status, finetuning.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert finetuning.cancellation is not None
    told = finetuning.cancellation
    assert (told.phase, told.attempts) == (phase or CancellationPhase.CONFIRMED, attempts)
    assert told.last_error is None
    assert (finetuning.due_at, finetuning.lease, finetuning.model_id) == (None, None, None)
    assert world.live_jobs() == []


def assert_requested(finetuning: Finetuning, *, attempts: int) -> None:
    """Assert that the cancel is on record, with its last failure, and that nothing more is claimed."""
    assert (finetuning.status, finetuning.error) == (FinetuningStatus.RUNNING, None)
    assert finetuning.cancellation is not None
    told = finetuning.cancellation
    assert (told.phase, told.attempts) == (CancellationPhase.REQUESTED, attempts)
    assert told.last_error is not None
    assert (told.confirmed_at, finetuning.finished_at) == (None, None)


async def test_a_live_job_is_cancelled_and_read_back(world: World) -> None:
    """One cancel call, one look at its result, and the tokens trained before it."""
    training = await world.created_and_training()
    looks = world.calls("jobs.retrieve")
    cancelled = await world.cancel(training, {"reason": "wrong data"})
    assert_cancelled(world, cancelled, attempts=1)
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.trained_tokens == world.jobs()[0].trained_tokens
    assert cancelled.cancellation.metadata == cancelled.metadata == {"reason": "wrong data"}
    assert cancelled.cancellation.confirmed_at == world.clock.now()
    assert (world.calls("jobs.cancel"), world.calls("jobs.retrieve") - looks) == (1, 1)
    assert cancelled.finetuning_file_id == world.files()[0].id


async def test_a_repeated_cancel_asks_the_provider_nothing(world: World) -> None:
    """The first request stands, and its answer is given again."""
    training = await world.created_and_training()
    first = await world.cancel(training, {"by": "first"})
    seen = len(world.sandbox.calls.find())
    world.advance(100)
    assert await world.cancel(training, {"by": "second"}) == first
    assert len(world.sandbox.calls.find()) == seen


async def test_cancels_at_once_have_one_effect_and_one_answer(world: World) -> None:
    """Five callers, one intent, one cancel call, five equal answers."""
    training = await world.created_and_training()
    answers = await asyncio.gather(*[world.cancel(training, {"n": str(n)}) for n in range(5)])
    assert_cancelled(world, answers[0], attempts=1)
    assert all(answer == answers[0] for answer in answers)
    assert world.calls("jobs.cancel") == 1


@each(LOST)
async def test_a_lost_cancel_call_is_made_again(world: World, fault: Fault) -> None:
    """The job is read back alive, so nothing is claimed; the next try stops it."""
    training = await world.created_and_training()
    world.fault(at("jobs.cancel", fault))
    assert_requested(await world.cancel(training), attempts=1)
    assert len(world.live_jobs()) == 1
    await world.drain(seconds=10, step_s=1)
    assert_cancelled(world, await world.read(training), attempts=2)
    assert world.calls("jobs.cancel") == 2


@each(LOST_BUT_APPLIED)
async def test_a_cancel_whose_reply_was_lost_is_read_back(world: World, fault: Fault) -> None:
    """The job's own word counts: the caller gets the cancelled finetuning."""
    training = await world.created_and_training()
    world.fault(at("jobs.cancel", fault))
    assert_cancelled(world, await world.cancel(training), attempts=1)
    assert world.calls("jobs.cancel") == 1


@each(SILENT)
async def test_a_cancel_call_in_silence_comes_true_in_the_end(hasty_world: World, fault: Fault) -> None:
    """For any effect of an unanswered call, the job ends and is told as ended."""
    world = hasty_world
    training = await world.created_and_training()
    world.fault(at("jobs.cancel", fault))
    await world.cancel(training)
    await world.drain(seconds=40, step_s=2)
    after = await world.read(training)
    assert after.cancellation is not None
    assert_cancelled(world, after, attempts=after.cancellation.attempts)
    assert after.cancellation.attempts == len(world.sandbox.calls.find("jobs.cancel"))


@each(REFUSED_FOR_NOW)
async def test_a_cancel_refused_for_now_is_not_read_back(world: World, fault: Fault) -> None:
    """Nothing can have come of it: the intent is kept and tried again after the backoff."""
    training = await world.created_and_training()
    looks = world.calls("jobs.retrieve")
    world.fault(at("jobs.cancel", fault))
    requested = await world.cancel(training)
    assert_requested(requested, attempts=1)
    assert requested.cancellation is not None
    assert str(fault.status) in str(requested.cancellation.last_error)
    assert world.calls("jobs.retrieve") == looks
    await world.drain(seconds=10, step_s=1)
    assert_cancelled(world, await world.read(training), attempts=2)


@each(REFUSED)
async def test_a_refused_cancel_does_not_end_what_still_runs(world: World, fault: Fault) -> None:
    """The provider says no while the job trains on: told, not believed to be the end, tried again."""
    training = await world.created_and_training()
    world.fault(at("jobs.cancel", fault))
    requested = await world.cancel(training)
    assert_requested(requested, attempts=1)
    assert requested.cancellation is not None
    assert "The sandbox was told to refuse this call." in str(requested.cancellation.last_error)
    await world.drain(seconds=10, step_s=1)
    assert_cancelled(world, await world.read(training), attempts=2)


@each(UNANSWERED)
async def test_a_cancel_that_cannot_be_read_back_is_not_claimed(world: World, fault: Fault) -> None:
    """The provider took the cancel, but as long as it does not say so, nor do we."""
    training = await world.created_and_training()
    world.fault(at("jobs.retrieve", fault))
    assert_requested(await world.cancel(training), attempts=1)
    await world.drain(seconds=10, step_s=1)
    assert_cancelled(world, await world.read(training), attempts=2)


@pytest.mark.parametrize("outcome", [JobStatus.SUCCEEDED, JobStatus.FAILED])
async def test_a_job_that_ended_first_overtakes_the_cancel(world: World, outcome: JobStatus) -> None:
    """Too late is said honestly: the caller is refused, and the outcome is the provider's truth."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.cancel", outcome=Outcome(outcome)))
    with pytest.raises(FinetuningNotCancellableError) as refusal:
        await world.cancel(training)
    assert refusal.value.details == {"finetuningId": str(training.id), "status": outcome.value.upper()}
    after = await world.read(training)
    assert after.status.value == outcome.value
    assert after.error != CANCELLED_BY_USER
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.OVERTAKEN
    assert after.cancellation.confirmed_at is None
    assert (after.model_id is not None) == (outcome is JobStatus.SUCCEEDED)
    seen = len(world.sandbox.calls.find())
    with pytest.raises(FinetuningNotCancellableError):
        await world.cancel(training)
    assert len(world.sandbox.calls.find()) == seen


async def test_a_job_cancelled_elsewhere_first_is_cancelled(world: World) -> None:
    """The provider refuses a second cancel; the job read back is the wanted one."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.cancel", outcome=Outcome.CANCELLED))
    assert_cancelled(world, await world.cancel(training), attempts=1)


async def test_a_job_that_takes_its_time_to_stop_is_not_called_cancelled(world: World) -> None:
    """A cancel answered with 200 is no proof: while the job runs the cancel stays requested."""
    world.sandbox.account.durations = Durations(cancelling_s=20)
    training = await world.created_and_training()
    pending = await world.cancel(training)
    assert pending.status is FinetuningStatus.RUNNING
    assert pending.cancellation is not None
    assert pending.cancellation.phase is CancellationPhase.REQUESTED
    accepted = "The provider accepted the cancel; the job is still running."
    assert (pending.cancellation.last_error, pending.last_fault) == (accepted, None)
    await world.drain(seconds=40, step_s=1)
    after = await world.read(training)
    assert after.cancellation is not None
    assert_cancelled(world, after, attempts=world.calls("jobs.cancel"))


async def test_a_paused_job_is_cancelled(world: World) -> None:
    """A word of the provider's that we do not know does not shield a job from its cancel."""
    training = await world.created_and_training()
    world.sandbox.account.pause_job(world.jobs()[0].id)
    await world.drain(seconds=15)
    cancelled = await world.cancel(training)
    assert_cancelled(world, cancelled, attempts=1)
    assert cancelled.provider_status is None


async def test_an_outage_delays_a_cancel_and_loses_nothing(world: World) -> None:
    """Each try is counted, the pauses grow up to their cap, and the first try after the outage succeeds."""
    world.sandbox.account.durations = Durations(running_s=10**6)
    training = await world.created_and_training()
    await world.server.stop()
    assert_requested(await world.cancel(training), attempts=1)
    await world.drain(seconds=600, step_s=1)
    during = await world.read(training)
    assert during.cancellation is not None
    tries = during.cancellation.attempts
    assert 14 <= tries <= 25
    assert_requested(during, attempts=tries)
    assert world.calls("jobs.cancel") == 0

    await world.server.start()
    await world.drain(seconds=61, step_s=1)
    assert_cancelled(world, await world.read(training), attempts=tries + 1)
    assert world.calls("jobs.cancel") == 1


async def test_a_silent_provider_costs_the_caller_no_more_than_the_budget(world: World) -> None:
    """The step under way is broken off when the budget ends, and recorded as an unanswered try."""
    training = await world.created_and_training()
    impatient = replace(world.engine, timing=Timing(cancel_budget_s=0.2))
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    requested = await cancel(str(training.id), metadata=None, caller=world.caller, engine=impatient)
    assert_requested(requested, attempts=1)
    assert requested.cancellation is not None
    assert requested.cancellation.last_error == "The provider did not answer within 0.2 s."
    assert requested.lease is None
    await world.drain(seconds=10, step_s=1)
    assert_cancelled(world, await world.read(training), attempts=2)


async def test_a_caller_that_goes_away_leaves_its_cancel_behind(world: World) -> None:
    """The lease is given back at once, so the worker carries the cancel out without a wait for it."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    asking = asyncio.create_task(world.cancel(training))
    await world.seen("jobs.cancel")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    left = await world.read(training)
    assert (left.lease, left.due_at) == (None, world.clock.now())
    assert left.cancellation is not None
    await world.work()
    assert_cancelled(world, await world.read(training), attempts=1)


async def test_a_cancel_at_a_worker_that_reads_is_carried_out_by_that_worker(world: World) -> None:
    """The worker holds the lease; its write fails, it looks again, and it stops the job in the same turn."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.retrieve"))
    world.advance(10)
    working = asyncio.create_task(world.work())
    await world.seen("jobs.retrieve")
    pending = await world.cancel(training)
    assert pending.status is FinetuningStatus.RUNNING
    assert pending.lease is not None
    assert world.calls("jobs.cancel") == 0
    world.sandbox.faults.release()
    await working
    assert_cancelled(world, await world.read(training), attempts=1)
