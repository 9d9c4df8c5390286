"""Endpoints drop a job's metadata.

The training file tells the owner of a job, and no job trains on unseen.
"""

import pytest
from structlog.testing import capture_logs

from graphql_api.documents import CancellationPhase, FinetuningStatus
from graphql_api.finetunings.delete import delete
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.jobs import Job
from graphql_api.sandbox.openai.submission import Submission
from graphql_api.upkeep.sweep import Verdict
from tests.engine.test_crash import ENDLESS
from tests.upkeep.test_sweep import counted, ids, swept
from tests.world import World

LOST_CREATE = Fault(kind=FaultKind.RESET, operation="jobs.create", applied=True)


def speak(world: World, *accents: FaultKind) -> None:
    """Let the provider have these accents from now on."""
    for accent in accents:
        is_of_list = accent in {FaultKind.FILTER_IGNORED, FaultKind.OTHER_LISTED_IDS}
        world.fault(Fault(kind=accent, operation="jobs.list" if is_of_list else "jobs.create", times=None))


def made_by_hand(world: World, training_file: str | None) -> Job:
    """Make a job without our metadata, on a file of ours."""
    return world.sandbox.account.create_job(Submission(model="gpt-4", training_file=str(training_file)))


@pytest.fixture
def world(world: World) -> World:
    """Yield a world with an endpoint without metadata, and with jobs without an end of their own."""
    world.sandbox.account.durations = ENDLESS
    speak(world, FaultKind.METADATA_DROPPED)
    return world


@pytest.mark.parametrize("accents", [(), (FaultKind.FILTER_IGNORED,), (FaultKind.OTHER_LISTED_IDS,)])
async def test_a_lost_create_is_adopted_at_the_first_look_up(
    world: World, accents: tuple[FaultKind, ...]
) -> None:
    """Not after the grace time: the training file belongs to one finetuning only."""
    speak(world, *accents)
    world.fault(Fault(kind=FaultKind.RESET, operation="jobs.create", applied=True))
    created = await world.create()
    await world.work()
    assert (await world.read(created)).finetuning_job_id is None
    world.advance(1)
    await world.work()
    adopted = await world.read(created)
    assert str(adopted.finetuning_job_id).removeprefix("listed-") == world.jobs()[0].id
    assert (adopted.unanswered_create, adopted.training_files) == (False, [world.files()[0].id])
    assert (world.calls("jobs.create"), len(world.live_jobs())) == (1, 1)


async def test_lost_marks_are_told_once_for_each_finetuning(world: World) -> None:
    """In its timeline and as a metric; in the log once for a provider."""
    with capture_logs() as logs:
        training = await world.created_and_training()
        await world.created_and_training()
        await world.drain(seconds=60)
    told = [event for event in (await world.read(training)).timeline if event.kind.value == "marks_lost"]
    assert [event.message for event in told] == [
        "The provider does not keep the job's metadata; the job is known by its training file alone."
    ]
    warned = [log for log in logs if log["event"] == "the provider does not keep the metadata of jobs"]
    assert [(log["account"], log["log_level"]) for log in warned] == [("openai:default", "warning")]
    assert "finetuning_marks_lost_total 2.0" in world.engine.metrics.exposition().decode()


async def test_marks_that_are_kept_are_known_to_be_and_cost_no_search(world: World) -> None:
    """If the job shows our metadata, a cancel makes no further call."""
    world.sandbox.faults.clear()
    training = await world.created_and_training()
    assert training.marks_kept is True
    cancelled = await world.cancel(training)
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.phase is CancellationPhase.CONFIRMED
    assert (cancelled.marks_kept, world.calls("jobs.list"), world.calls("jobs.cancel")) == (True, 0, 1)


@pytest.mark.parametrize("loses_reply", [False, True])
async def test_a_repeated_create_leaves_nothing_alive_once_a_cancel_is_confirmed(
    world: World, *, loses_reply: bool
) -> None:
    """A gateway made two jobs of one call: the one unknown here is stopped, too."""
    speak(world, FaultKind.CREATE_REPEATED)
    if loses_reply:
        world.fault(LOST_CREATE)
    training = await world.created_and_training()
    assert len(world.live_jobs()) == 2
    cancelled = await world.cancel(training)
    assert cancelled.cancellation is not None
    assert (cancelled.status, cancelled.cancellation.phase) == (
        FinetuningStatus.CANCELLED,
        CancellationPhase.CONFIRMED,
    )
    assert world.live_jobs() == []
    [sibling] = ids(world.jobs()) - {cancelled.finetuning_job_id}
    told = [event.message for event in cancelled.timeline if event.kind.value == "orphan_stopped"]
    assert cancelled.orphaned_jobs == [sibling]
    assert told == [f"Stopped with the finetuning: the job {sibling}, another one of the same training file."]
    assert (await swept(world), counted(world, "stopped")) == ({}, 1)


async def test_the_sweep_stops_the_second_job_of_a_repeated_create(world: World) -> None:
    """It knows both by their file, and the finetuning's own by its id: that one trains on."""
    speak(world, FaultKind.CREATE_REPEATED)
    training = await world.created_and_training()
    assert await swept(world) == {Verdict.OWNED: 1, Verdict.ORPHAN: 1}
    assert ids(world.live_jobs()) == {training.finetuning_job_id}
    await world.drain(seconds=60)
    after = await world.read(training)
    assert (after.status, after.error) == (FinetuningStatus.RUNNING, None)
    [orphan] = after.orphaned_jobs
    [told] = [event.message for event in after.timeline if event.kind.value == "orphan_stopped"]
    assert told == f"Stopped by the sweep: the job {orphan} is not this finetuning's own."


async def test_a_cancel_is_not_confirmed_before_a_search_was_whole(world: World) -> None:
    """Half a list proves nothing: before a whole one it is REQUESTED, and says the reason."""
    speak(world, FaultKind.CREATE_REPEATED)
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.TRUNCATED, operation="jobs.list", times=2))
    asked = await world.cancel(training)
    assert asked.cancellation is not None
    assert asked.cancellation.phase is CancellationPhase.REQUESTED
    assert asked.cancellation.last_error == "The provider's answer is not JSON"
    assert len(world.live_jobs()) == 1
    await world.drain(seconds=30)
    after = await world.read(training)
    assert after.cancellation is not None
    assert (after.cancellation.phase, world.live_jobs()) == (CancellationPhase.CONFIRMED, [])


async def test_a_list_that_never_answers_leaves_a_cancel_unconfirmed(world: World) -> None:
    """The known job has ended; another one cannot be ruled out, so nothing is claimed."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.list", status=500, times=None))
    await world.cancel(training)
    await world.drain(seconds=110)
    assert (await world.read(training)).status is FinetuningStatus.RUNNING
    await world.drain(seconds=120)
    after = await world.read(training)
    assert after.cancellation is not None
    assert (after.status, after.cancellation.phase) == (
        FinetuningStatus.CANCELLED,
        CancellationPhase.UNCONFIRMED,
    )
    assert str(after.cancellation.last_error).startswith("The provider failed (500)")


async def test_a_job_that_is_read_back_as_cancelled_is_not_asked_to_stop_again(world: World) -> None:
    """The search for siblings goes on alone, through the grace time."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.METADATA_DROPPED, times=None))
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.list", status=500, times=None))
    await world.cancel(training)
    await world.drain(seconds=110)
    assert (world.live_jobs(), world.calls("jobs.cancel")) == ([], 1)
    assert world.calls("jobs.list") > 3


async def test_a_cancel_is_never_confirmed_where_a_job_shows_no_mark_at_all(world: World) -> None:
    """Neither metadata nor its file: another one cannot be looked for, so nothing is claimed."""
    world.fault(Fault(kind=FaultKind.TRAINING_FILE_HIDDEN, times=None))
    training = await world.created_and_training()
    await world.cancel(training)
    await world.drain(seconds=300)
    after = await world.read(training)
    assert after.cancellation is not None
    assert (after.status, after.cancellation.phase, world.live_jobs()) == (
        FinetuningStatus.CANCELLED,
        CancellationPhase.UNCONFIRMED,
        [],
    )
    assert (await swept(world), world.calls("jobs.create")) == ({}, 1)
    [told] = [event.message for event in after.timeline if event.kind.value == "marks_lost"]
    assert told == "The provider does not keep the job's metadata; the job is known by nothing but its id."


async def test_a_deletion_ends_only_after_its_siblings_are_stopped(world: World) -> None:
    """Also of a finetuning that ended long ago by itself."""
    speak(world, FaultKind.CREATE_REPEATED)
    training = await world.created_and_training()
    world.sandbox.account.finish_job(str(training.finetuning_job_id))
    await world.drain(seconds=20)
    assert (await world.read(training)).status is FinetuningStatus.SUCCEEDED
    assert len(world.live_jobs()) == 1
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=503))
    deleted = await delete(str(training.id), caller=world.caller, engine=world.engine)
    assert deleted.deletion is not None
    assert (deleted.deletion.deleted_at, len(world.live_jobs())) == (None, 1)
    await world.drain(seconds=30)
    gone = await world.read(training)
    assert gone.deletion is not None
    assert (gone.deletion.deleted_at is None, world.live_jobs(), world.files()) == (False, [], [])


async def test_a_create_delayed_beyond_the_grace_time_is_stopped_by_the_sweep(world: World) -> None:
    """By then another job trains in its place, and goes on."""
    world.fault(Fault(kind=FaultKind.DELAY, operation="jobs.create", seconds=250))
    created = await world.create()
    await world.drain(seconds=240, step_s=20)
    training = await world.read(created)
    assert (training.unanswered_create, ids(world.live_jobs())) == (True, {training.finetuning_job_id})
    world.advance(20)
    await world.applied("jobs.create", calls=2)
    assert await swept(world) == {Verdict.OWNED: 1, Verdict.ORPHAN: 1}
    assert ids(world.live_jobs()) == {training.finetuning_job_id}
    assert (await world.read(created)).status is FinetuningStatus.RUNNING


async def test_a_job_of_a_deleted_finetuning_is_known_by_its_file(world: World) -> None:
    """The remains of a deleted finetuning still name its own file."""
    training = await world.created_and_training()
    file = world.files()[0]
    await delete(str(training.id), caller=world.caller, engine=world.engine)
    gone = await world.read(training)
    assert (gone.finetuning_file_id, gone.training_files, world.files()) == (None, [file.id], [])
    world.sandbox.account.holdings.files[file.id] = file
    late = made_by_hand(world, file.id)
    assert await swept(world) == {Verdict.ORPHAN: 1}
    assert (world.live_jobs(), (await world.read(training)).orphaned_jobs) == ([], [late.id])


async def test_somebody_elses_job_on_our_file_is_told_of_and_left_alone(world: World) -> None:
    """If our own job shows our metadata, one without it was not made by us."""
    world.sandbox.faults.clear()
    training = await world.created_and_training()
    made_by_hand(world, training.finetuning_file_id)
    assert await swept(world) == {Verdict.OWNED: 1, Verdict.FOREIGN: 1}
    assert (len(world.live_jobs()), world.calls("jobs.cancel"), counted(world, "reported")) == (2, 0, 1)
