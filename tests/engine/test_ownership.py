"""Lists with ids of their own.

Another name in the list never stops a wanted job.
"""

import pytest

from graphql_api.documents import CancellationPhase, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.upkeep.status_sync import sync
from graphql_api.upkeep.sweep import Verdict
from tests.engine.test_crash import ENDLESS
from tests.engine.test_siblings import made_by_hand, speak
from tests.upkeep.test_sweep import counted, ids, stray, swept
from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    """Yield a world with a list of ids of its own, and with jobs without an end of their own."""
    world.sandbox.account.durations = ENDLESS
    speak(world, FaultKind.OTHER_LISTED_IDS)
    return world


@pytest.mark.parametrize("accents", [(), (FaultKind.METADATA_DROPPED,)])
async def test_the_wanted_job_runs_on(world: World, accents: tuple[FaultKind, ...]) -> None:
    """It is the only one on the finetuning's file, or with its metadata: it is its own, under any id."""
    speak(world, *accents)
    training = await world.created_and_training()
    for _ in range(3):
        assert await swept(world) == {Verdict.OWNED: 1}
        await sync(world.engine, world.account, handful=0)
        await world.drain(seconds=30)
    after = await world.read(training)
    assert (after.status, after.error, after.orphaned_jobs) == (FinetuningStatus.RUNNING, None, [])
    assert (ids(world.live_jobs()), world.calls("jobs.cancel")) == ({training.finetuning_job_id}, 0)


async def test_a_bulk_synchronisation_goes_no_further_than_the_last_job_by_its_file(world: World) -> None:
    """The list's word under another id is not taken over: the job is looked at by its own."""
    for _ in range(130):
        stray(world, deployment="another")
    training = await world.created_and_training()
    world.advance(5)
    await sync(world.engine, world.account, handful=0)
    assert (world.calls("jobs.list"), (await world.read(training)).synced_at) == (1, training.synced_at)
    world.advance(5)
    await world.work()
    assert (await world.read(training)).synced_at == world.clock.now()


async def test_two_jobs_that_cannot_be_told_apart_are_told_of_and_left_alone(world: World) -> None:
    """Both were made in one second: to stop one would be a guess. A cancel stops both."""
    speak(world, FaultKind.METADATA_DROPPED, FaultKind.CREATE_REPEATED)
    training = await world.created_and_training()
    assert await swept(world) == {Verdict.UNTOLD: 2}
    assert (len(world.live_jobs()), world.calls("jobs.cancel"), counted(world, "reported")) == (2, 0, 2)
    cancelled = await world.cancel(training)
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.phase is CancellationPhase.CONFIRMED
    assert world.live_jobs() == []


async def test_a_second_job_of_another_time_is_stopped(world: World) -> None:
    """The finetuning's own was made at the provider's time for it."""
    speak(world, FaultKind.METADATA_DROPPED)
    training = await world.created_and_training()
    world.advance(5)
    second = made_by_hand(world, training.finetuning_file_id)
    assert await swept(world) == {Verdict.OWNED: 1, Verdict.ORPHAN: 1}
    assert ids(world.live_jobs()) == {training.finetuning_job_id}
    assert (await world.read(training)).orphaned_jobs == [f"listed-{second.id}"]


async def test_a_job_that_lives_is_not_the_own_one_that_has_ended(world: World) -> None:
    """The list has only one of them alive, and the finetuning's own is not."""
    speak(world, FaultKind.METADATA_DROPPED)
    training = await world.created_and_training()
    made_by_hand(world, training.finetuning_file_id)
    world.sandbox.account.finish_job(str(training.finetuning_job_id))
    assert await swept(world) == {Verdict.ORPHAN: 1}
    assert world.live_jobs() == []
    await world.drain(seconds=30)
    assert (await world.read(training)).status is FinetuningStatus.SUCCEEDED


async def test_a_job_that_the_provider_denies_is_not_stopped_on_a_guess(world: World) -> None:
    """Its own id is unknown for a while: the single job on its file is taken for it."""
    speak(world, FaultKind.METADATA_DROPPED)
    await world.created_and_training()
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.retrieve", status=404))
    assert await swept(world) == {Verdict.OWNED: 1}
    assert (len(world.live_jobs()), world.calls("jobs.cancel")) == (1, 0)


async def test_what_we_stopped_is_not_called_cancelled_at_the_provider(world: World) -> None:
    """Should the sweep ever take the own job for another, the finetuning says so itself."""
    training = await world.created_and_training()
    shown = f"listed-{training.finetuning_job_id}"
    await world.engine.upkeep.record_orphan(training.id, shown, "Stopped by the sweep")
    other = stray(world, training.id)
    await world.engine.upkeep.record_orphan(training.id, other.id, "Stopped by the sweep")
    world.sandbox.account.cancel_job(other.id)
    world.advance(5)
    world.sandbox.account.cancel_job(str(training.finetuning_job_id))
    await world.drain(seconds=30)
    ended = await world.read(training)
    assert (ended.status, ended.error) == (
        FinetuningStatus.CANCELLED,
        f"Stopped by the sweep, as the job {shown}",
    )
