"""Every answer has the fields of the SDK's types, and no other."""

from together import AsyncTogether
from together.types import FileResponse
from together.types.fine_tuning_cancel_response import FineTuningCancelResponse
from together.types.finetune_response import FinetuneResponse

from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.faults import Fault, FaultKind, Lie
from graphql_api.sandbox.together import JobStatus, Sandbox
from tests.sandbox.together.conftest import JobMaker, unknown_fields


async def test_a_job_is_of_the_sdks_type_in_each_of_its_states(
    job: FineTuningCancelResponse, client: AsyncTogether, clock: ManualClock
) -> None:
    """In full, in short, its log and its checkpoints."""
    seen = set[str]()
    for _ in range(70):
        full = await client.fine_tuning.retrieve(job.id)
        answers = [
            full,
            await client.fine_tuning.list(),
            await client.fine_tuning.list_events(job.id),
            await client.fine_tuning.list_checkpoints(job.id),
        ]
        assert set().union(*map(unknown_fields, answers)) == set()
        seen.add(full.status)
        clock.advance(1)
    assert seen == {"pending", "queued", "running", "compressing", "uploading", "completed"}


async def test_a_stopped_job_is_of_the_sdks_type(
    job: FineTuningCancelResponse, client: AsyncTogether, clock: ManualClock
) -> None:
    """Half-way and at its end, in the answer to the cancel, too."""
    answered = await client.fine_tuning.cancel(job.id)
    half = await client.fine_tuning.retrieve(job.id)
    clock.advance(1)
    end = await client.fine_tuning.retrieve(job.id)
    assert [one.status for one in (answered, half, end)] == ["cancel_requested"] * 2 + ["cancelled"]
    assert (
        unknown_fields(job) | unknown_fields(answered) | unknown_fields(half) | unknown_fields(end) == set()
    )


async def test_only_a_short_job_has_its_suffix(create_job: JobMaker, client: AsyncTogether) -> None:
    """The type of a job in full has none; the suffix is in the model's name."""
    job = await create_job(suffix="orders")
    [listed] = (await client.fine_tuning.list()).data
    full = await client.fine_tuning.retrieve(job.id)
    assert (job.suffix, listed.suffix) == ("orders", "orders")
    assert "suffix" not in FinetuneResponse.model_fields
    assert "-orders-" in str(full.x_model_output_name)


async def test_a_file_is_of_the_sdks_type(client: AsyncTogether, training_file: FileResponse) -> None:
    """One, all, and a deleted one."""
    listed = await client.files.list()
    assert listed.data == [training_file] == [await client.files.retrieve(training_file.id)]
    deleted = await client.files.delete(training_file.id)
    assert deleted.deleted is True
    assert unknown_fields(training_file) | unknown_fields(listed) | unknown_fields(deleted) == set()


async def test_the_stranger_is_of_the_sdks_type(
    job: FineTuningCancelResponse, client: AsyncTogether, sandbox: Sandbox
) -> None:
    """The lie about another job is well formed."""
    sandbox.faults.add(Fault(kind=FaultKind.LIE, lie=Lie.OTHER_JOB))
    stranger = await client.fine_tuning.cancel(job.id)
    assert (stranger.id, stranger.status) == ("ft-stranger", "cancelled")
    assert unknown_fields(stranger) == set()


def test_the_statuses_are_those_of_the_sdk() -> None:
    """No more and no fewer."""
    known = FinetuneResponse.model_fields["status"].annotation
    assert set(known.__args__) == {*JobStatus}  # type: ignore[union-attr] # a literal has arguments
