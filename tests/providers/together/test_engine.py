"""The engine's main job at Together AI: train, cancel, find what was lost."""

from dataclasses import replace

import pytest

from graphql_api.documents import AccountKey, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.errors import FinetuningNotCancellableError
from graphql_api.sandbox.faults import Fault, FaultKind, Outcome
from graphql_api.sandbox.together.jobs import JobStatus
from graphql_api.upkeep.sweep import Verdict, sweep
from tests.provider_faults import LOST_BUT_APPLIED, at, each
from tests.providers.openai.wire import SPEC
from tests.together_world import TogetherWorld

TOGETHER = AccountKey("together")


def phase_of(finetuning: Finetuning) -> CancellationPhase:
    """Return the phase of its cancel."""
    assert finetuning.cancellation is not None
    return finetuning.cancellation.phase


async def swept(world: TogetherWorld) -> dict[Verdict, int]:
    """Sweep the account once."""
    return dict(await sweep(world.engine, await world.engine.account(TOGETHER)))


async def test_a_job_trains_to_its_end(world: TogetherWorld) -> None:
    """One file, one job, and the model's name at the end."""
    training = await world.created_and_training()
    assert training.status is FinetuningStatus.RUNNING
    await world.drain(seconds=120)
    done = await world.read(training)
    [job] = world.jobs()
    assert (done.status, done.model_id) == (FinetuningStatus.SUCCEEDED, job.output_name)
    assert done.finetuning_job_id == job.id
    assert (world.calls("files.create"), world.calls("jobs.create")) == (1, 1)


async def test_a_job_keeps_its_marks(world: TogetherWorld) -> None:
    """The suffix carries them, and an answer without a suffix has them in the model's name."""
    training = await world.created_and_training()
    assert (await world.read(training)).marks_kept is True
    assert not [one for one in training.timeline if one.kind.value == "marks_lost"]


async def test_a_cancel_is_confirmed_only_by_the_last_word(world: TogetherWorld) -> None:
    """While the provider says ``cancel_requested``, nothing is claimed and nothing is asked again."""
    training = await world.created_and_training()
    requested = await world.cancel(training)
    assert (requested.status, phase_of(requested)) == (
        FinetuningStatus.RUNNING,
        CancellationPhase.REQUESTED,
    )
    assert requested.provider_status == "cancel_requested"
    await world.drain(seconds=10, step_s=1)
    cancelled = await world.read(training)
    assert (cancelled.status, phase_of(cancelled)) == (
        FinetuningStatus.CANCELLED,
        CancellationPhase.CONFIRMED,
    )
    assert (world.jobs()[0].status, world.calls("jobs.cancel")) == (JobStatus.CANCELLED, 1)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.SUCCEEDED, FinetuningStatus.SUCCEEDED), (Outcome.FAILED, FinetuningStatus.FAILED)],
)
async def test_a_job_half_way_that_ends_by_itself_is_overtaken(
    world: TogetherWorld, outcome: Outcome, status: FinetuningStatus
) -> None:
    """A stop requested during the upload can come too late: the provider's end counts."""
    training = await world.created_and_training()
    requested = await world.cancel(training)
    assert phase_of(requested) is CancellationPhase.REQUESTED
    world.sandbox.account.finish_job(world.jobs()[0].id, outcome=outcome)
    await world.drain(seconds=10, step_s=1)
    after = await world.read(training)
    assert (after.status, phase_of(after)) == (status, CancellationPhase.OVERTAKEN)


@pytest.mark.parametrize("outcome", [Outcome.SUCCEEDED, Outcome.FAILED])
async def test_a_job_that_ends_before_the_cancel_is_not_cancellable(
    world: TogetherWorld, outcome: Outcome
) -> None:
    """The provider refuses the cancel, and the job's own word is told."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.cancel", outcome=outcome))
    with pytest.raises(FinetuningNotCancellableError):
        await world.cancel(training)
    after = await world.read(training)
    assert (after.status.value, phase_of(after)) == (outcome.value, CancellationPhase.OVERTAKEN)


async def test_the_reason_of_a_failure_comes_from_the_log(world: TogetherWorld) -> None:
    """A job has no other field for it."""
    training = await world.created_and_training()
    world.sandbox.account.finish_job(world.jobs()[0].id, outcome=Outcome.FAILED)
    await world.drain(seconds=60)
    failed = await world.read(training)
    assert (failed.status, failed.error) == (
        FinetuningStatus.FAILED,
        "The training broke off, as it was told to",
    )


@each(LOST_BUT_APPLIED)
@pytest.mark.parametrize("mark", ["suffix", "file alone"])
async def test_a_lost_create_is_adopted(world: TogetherWorld, fault: Fault, mark: str) -> None:
    """The one list has the job, by its suffix or its file, so there is no second one."""
    if mark == "file alone":
        world.fault(Fault(kind=FaultKind.SUFFIX_DROPPED, operation="jobs.create", times=None))
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.drain(seconds=30)
    adopted = await world.read(created)
    [job] = world.jobs()
    assert (adopted.finetuning_job_id, world.calls("jobs.create")) == (job.id, 1)


async def test_a_list_without_our_job_proves_absence(world: TogetherWorld) -> None:
    """A create that was lost and made nothing is made again after the grace time."""
    world.fault(Fault(kind=FaultKind.RESET, operation="jobs.create"))
    created = await world.create()
    await world.drain(seconds=300)
    assert len(world.jobs()) == 1
    assert (await world.read(created)).finetuning_job_id == world.jobs()[0].id


async def test_the_sweep_stops_a_job_without_a_finetuning(world: TogetherWorld) -> None:
    """A job made twice carries our marks, too; the wanted one goes on, and so does another deployment's."""
    world.fault(Fault(kind=FaultKind.CREATE_REPEATED, operation="jobs.create"))
    training = await world.created_and_training()
    wanted = str(training.finetuning_job_id)
    await _make_job_of_others(world)
    assert await swept(world) == {Verdict.OWNED: 1, Verdict.ORPHAN: 1}
    world.advance(5)
    assert {job.status for job in world.jobs() if job.id != wanted} >= {JobStatus.CANCELLED}
    assert len(world.live_jobs()) == 2
    assert wanted in {job.id for job in world.live_jobs()}


async def _make_job_of_others(world: TogetherWorld) -> None:
    """Make a job of another deployment in the same account."""
    provider = await world.engine.accounts.open(TOGETHER)
    file = await provider.upload_training_file(b"{}\n", filename="theirs.jsonl")
    theirs = replace(SPEC, finetuning_id="f" * 24, training_file_id=file.id, deployment_id="another")
    await provider.create_job(theirs)


async def test_a_cancelled_job_known_by_its_file_alone_is_confirmed(world: TogetherWorld) -> None:
    """The search shows the job itself and no other live one."""
    world.fault(Fault(kind=FaultKind.SUFFIX_DROPPED, operation="jobs.create", times=None))
    training = await world.created_and_training()
    assert training.marks_kept is False
    await world.cancel(training)
    await world.drain(seconds=30)
    after = await world.read(training)
    assert (after.status, phase_of(after)) == (FinetuningStatus.CANCELLED, CancellationPhase.CONFIRMED)
