"""Other words for the same statuses.

Ends are believed; words for something half done are not.
"""

import pytest

from graphql_api.documents import CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.jobs import JobStatus
from graphql_api.sandbox.openai.training import Durations
from tests.world import World

CANCELLING_S = 100
GRACE_S = 120


def speak(world: World, *accents: FaultKind) -> None:
    """Let the provider have these accents from now on."""
    for accent in accents:
        world.fault(Fault(kind=accent, operation="*", times=None))


async def stopping(world: World, *, cancelling_s: float = CANCELLING_S) -> Finetuning:
    """Return a finetuning in the middle of its cancel at the provider, by the provider's word."""
    world.sandbox.account.durations = Durations(cancelling_s=cancelling_s, running_s=10**6)
    training = await world.created_and_training()
    speak(world, FaultKind.STOPPING_SAID)
    return await world.cancel(training)


async def test_every_status_is_known_in_other_words(world: World) -> None:
    """A job that is a SUCCESS has succeeded, with its model; dates are times."""
    speak(world, FaultKind.OTHER_SPELLINGS)
    created = await world.create()
    await world.work()
    assert (await world.read(created)).status is FinetuningStatus.QUEUED
    await world.drain(seconds=200)
    done = await world.read(created)
    [job] = world.jobs()
    assert (done.status, done.model_id, done.provider_status) == (
        FinetuningStatus.SUCCEEDED,
        job.model_id,
        None,
    )
    assert done.finished_at is not None
    assert done.finished_at.timestamp() == job.finished_at
    assert done.due_at is None


@pytest.mark.parametrize("outcome", [JobStatus.FAILED, JobStatus.CANCELLED])
async def test_other_words_for_an_end_end_it(world: World, outcome: JobStatus) -> None:
    """However the provider spells that it failed or was cancelled."""
    speak(world, FaultKind.OTHER_SPELLINGS)
    training = await world.created_and_training()
    world.sandbox.account.finish_job(str(training.finetuning_job_id), outcome=outcome)
    await world.drain(seconds=30)
    assert (await world.read(training)).status.value == outcome.value


async def test_a_cancel_in_other_words_is_confirmed(world: World) -> None:
    """`Canceled` is cancelled."""
    speak(world, FaultKind.OTHER_SPELLINGS)
    cancelled = await world.cancel(await world.created_and_training())
    assert cancelled.status is FinetuningStatus.CANCELLED
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.phase is CancellationPhase.CONFIRMED


async def test_a_cancel_under_way_is_asked_for_once_and_not_believed(world: World) -> None:
    """The provider says cancelling: the server looks at it, ever less often, up to its end."""
    requested = await stopping(world)
    assert (requested.status, requested.provider_status) == (FinetuningStatus.RUNNING, "cancelling")
    assert requested.cancellation is not None
    assert requested.cancellation.phase is CancellationPhase.REQUESTED
    assert requested.cancellation.last_error == (
        "The provider accepted the cancel; the job is still cancelling."
    )
    await world.drain(seconds=CANCELLING_S - 10, step_s=1)
    assert (await world.read(requested)).status is FinetuningStatus.RUNNING
    assert world.calls("jobs.cancel") == 1
    assert world.calls("jobs.retrieve") < 30
    await world.drain(seconds=30, step_s=1)
    cancelled = await world.read(requested)
    assert cancelled.status is FinetuningStatus.CANCELLED
    assert cancelled.cancellation is not None
    told = cancelled.cancellation
    assert (told.phase, told.attempts, world.calls("jobs.cancel")) == (CancellationPhase.CONFIRMED, 1, 1)


async def test_a_cancel_that_stays_under_way_is_asked_for_again_rarely(world: World) -> None:
    """The provider may have lost it, and say so all the same: once in each grace time."""
    requested = await stopping(world, cancelling_s=10**5)
    await world.drain(seconds=3 * GRACE_S + 20, step_s=2)
    after = await world.read(requested)
    assert after.status is FinetuningStatus.RUNNING
    assert after.cancellation is not None
    assert (after.cancellation.attempts, world.calls("jobs.cancel")) == (4, 4)


async def test_a_cancel_that_is_not_under_way_any_more_is_asked_for_again(world: World) -> None:
    """The job calls itself running again, so the request was lost."""
    requested = await stopping(world, cancelling_s=10**5)
    world.sandbox.faults.clear()
    await world.drain(seconds=12, step_s=1)
    assert (await world.read(requested)).status is FinetuningStatus.RUNNING
    assert world.calls("jobs.cancel") >= 2


async def test_a_job_that_ends_otherwise_while_it_is_being_cancelled_was_too_late(world: World) -> None:
    """Half-way is no end: the job's final state counts."""
    requested = await stopping(world)
    world.sandbox.account.finish_job(str(requested.finetuning_job_id), outcome=JobStatus.FAILED)
    await world.drain(seconds=20, step_s=1)
    failed = await world.read(requested)
    assert failed.status is FinetuningStatus.FAILED
    assert failed.cancellation is not None
    assert failed.cancellation.phase is CancellationPhase.OVERTAKEN
