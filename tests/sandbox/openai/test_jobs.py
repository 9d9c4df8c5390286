"""The life of a job, as the SDK sees it."""

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from openai.types import FileObject
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import Durations, JobStatus, ManualClock, Sandbox
from tests.sandbox.openai.conftest import JobMaker, chat_jsonl


async def status_of(job: FineTuningJob, client: AsyncOpenAI) -> str:
    """Return the job's status as it is now."""
    return (await client.fine_tuning.jobs.retrieve(job.id)).status


async def test_a_new_job_is_queued(job: FineTuningJob, training_file: FileObject) -> None:
    """A created job is queued, says sandbox in its id and has no result of any kind."""
    assert job.status == "queued"
    assert job.id.startswith("ftjob-sandbox")
    assert job.training_file == training_file.id
    assert job.created_at == 1_750_000_000
    assert job.metadata == {"finetuning_id": "f1"}
    assert (job.fine_tuned_model, job.finished_at, job.trained_tokens, job.error) == (None, None, None, None)
    assert job.result_files == []


async def test_a_job_moves_with_the_clock(
    job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """By default a job is queued for 1 s, validates for 1 s and runs for 60 s."""
    clock.advance(0.9)
    assert await status_of(job, client) == "queued"
    clock.advance(0.1)
    assert await status_of(job, client) == "validating_files"
    clock.advance(1)
    assert await status_of(job, client) == "running"
    clock.advance(59.9)
    assert await status_of(job, client) == "running"
    clock.advance(0.1)
    assert await status_of(job, client) == "succeeded"


async def test_durations_are_the_owners(
    create_job: JobMaker, sandbox: Sandbox, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A job takes as long as the account was told."""
    sandbox.account.durations = Durations(queued_s=0, validating_s=5, running_s=1)
    job = await create_job()
    assert job.status == "validating_files"
    clock.advance(5)
    assert await status_of(job, client) == "running"
    clock.advance(1)
    assert await status_of(job, client) == "succeeded"


async def test_a_running_job_tells_when_it_will_end(
    job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A running job has an estimate and resolved hyperparameters, but no count of tokens yet."""
    clock.advance(10)
    running = await client.fine_tuning.jobs.retrieve(job.id)
    assert running.estimated_finish == 1_750_000_062
    assert running.trained_tokens is None
    assert running.hyperparameters.n_epochs == 3
    assert running.hyperparameters.batch_size == 1


async def test_a_finished_job_has_a_model_and_a_table(
    create_job: JobMaker, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A job that succeeded names its model, its result file, its tokens and its end."""
    job = await create_job(suffix="sales", hyperparameters={"n_epochs": 2})
    clock.advance(100)
    done = await client.fine_tuning.jobs.retrieve(job.id)
    assert done.fine_tuned_model is not None
    assert done.fine_tuned_model.startswith("ft:gpt-4o-mini-2024-07-18:sandbox:sales:")
    assert done.finished_at == 1_750_000_062
    assert done.trained_tokens == 2 * (len(chat_jsonl(12)) // 4)
    assert done.estimated_finish is None
    table = (await client.files.content(done.result_files[0])).text.splitlines()
    assert table[0] == "step,train_loss,train_accuracy"
    assert table[-1].startswith("24,")


async def test_a_cancelled_job_stays_cancelled(
    job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A cancel freezes the job; the tokens trained until then are counted."""
    clock.advance(32)
    cancelled = await client.fine_tuning.jobs.cancel(job.id)
    assert cancelled.status == "cancelled"
    assert cancelled.finished_at == 1_750_000_032
    assert 0 < (cancelled.trained_tokens or 0) < 3 * (len(chat_jsonl(12)) // 4)
    clock.advance(1000)
    later = await client.fine_tuning.jobs.retrieve(job.id)
    assert later == cancelled
    assert (later.fine_tuned_model, later.result_files) == (None, [])


async def test_a_job_cancelled_before_training_has_no_tokens(job: FineTuningJob, client: AsyncOpenAI) -> None:
    """A queued job can be cancelled, and has trained nothing."""
    cancelled = await client.fine_tuning.jobs.cancel(job.id)
    assert (cancelled.status, cancelled.trained_tokens) == ("cancelled", None)


async def test_a_finished_job_cannot_be_cancelled(
    job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """Cancelling a job that succeeded is a 400, and it stays succeeded."""
    clock.advance(100)
    with pytest.raises(BadRequestError) as refusal:
        await client.fine_tuning.jobs.cancel(job.id)
    assert refusal.value.type == "invalid_request_error"
    assert await status_of(job, client) == "succeeded"


async def test_a_second_cancel_is_refused(job: FineTuningJob, client: AsyncOpenAI) -> None:
    """Cancelling a cancelled job is a 400 too."""
    await client.fine_tuning.jobs.cancel(job.id)
    with pytest.raises(BadRequestError):
        await client.fine_tuning.jobs.cancel(job.id)


async def test_a_cancel_can_take_its_time(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """With ``cancelling_s`` a cancel is answered with a live status and comes true later."""
    sandbox.account.durations = Durations(cancelling_s=5)
    clock.advance(10)
    assert (await client.fine_tuning.jobs.cancel(job.id)).status == "running"
    clock.advance(4)
    assert (await client.fine_tuning.jobs.cancel(job.id)).status == "running"
    clock.advance(1)
    assert await status_of(job, client) == "cancelled"


async def test_a_slow_cancel_can_come_too_late(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A job that ends before its cancel takes effect has succeeded."""
    sandbox.account.durations = Durations(cancelling_s=5)
    clock.advance(60)
    await client.fine_tuning.jobs.cancel(job.id)
    clock.advance(100)
    assert await status_of(job, client) == "succeeded"


async def test_a_paused_job_stands_still(job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock) -> None:
    """A paused job makes no progress, and goes on where it stood when resumed."""
    clock.advance(10)
    assert str((await client.fine_tuning.jobs.pause(job.id)).status) == "paused"
    clock.advance(1000)
    assert await status_of(job, client) == "paused"
    assert (await client.fine_tuning.jobs.resume(job.id)).status == "running"
    clock.advance(51)
    assert await status_of(job, client) == "running"
    clock.advance(1)
    assert await status_of(job, client) == "succeeded"


async def test_pause_and_resume_need_the_right_status(job: FineTuningJob, client: AsyncOpenAI) -> None:
    """A job is paused once and resumed only when paused; a paused job can be cancelled."""
    with pytest.raises(BadRequestError):
        await client.fine_tuning.jobs.resume(job.id)
    await client.fine_tuning.jobs.pause(job.id)
    with pytest.raises(BadRequestError):
        await client.fine_tuning.jobs.pause(job.id)
    assert (await client.fine_tuning.jobs.cancel(job.id)).status == "cancelled"


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (chat_jsonl(9), "invalid_n_examples", "Training file has 9 example(s), but must have at least 10"),
        (chat_jsonl(10) + b"{oops\n", "invalid_training_file", "Line 11: this is not valid JSON."),
        (chat_jsonl(10) + b'{"prompt": "q"}', "invalid_training_file", 'Line 11: missing "messages".'),
        (b'{"messages": [{"role": "king", "content": ""}]}', "invalid_training_file", "no known role"),
        (b'{"messages": [{"role": "user"}]}', "invalid_training_file", "no content"),
        (
            chat_jsonl(10) + b'{"messages": [{"role": "user", "content": "q"}]}',
            "invalid_training_file",
            "Line 11: no message is from the assistant.",
        ),
        (b"[" * 100_000, "invalid_training_file", "Line 1: this is not valid JSON."),
    ],
)
async def test_a_bad_training_file_fails_in_validation(
    client: AsyncOpenAI, create_job: JobMaker, clock: ManualClock, content: bytes, code: str, words: str
) -> None:
    """A file with bad content is accepted at creation and fails the job at the end of its validation."""
    bad = await client.files.create(file=("bad.jsonl", content), purpose="fine-tune")
    job = await create_job(training_file=bad.id)
    clock.advance(1)
    assert await status_of(job, client) == "validating_files"
    clock.advance(1)
    failed = await client.fine_tuning.jobs.retrieve(job.id)
    assert failed.status == "failed"
    assert failed.error is not None
    assert (failed.error.code, failed.error.param) == (code, "training_file")
    assert words in failed.error.message
    assert failed.finished_at is None


@pytest.mark.parametrize("outcome", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED])
async def test_the_owner_can_end_a_job(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, outcome: JobStatus
) -> None:
    """``finish_job`` brings a job to any end at once, and never changes an end."""
    sandbox.account.finish_job(job.id, outcome=outcome)
    assert await status_of(job, client) == outcome
    sandbox.account.finish_job(job.id, outcome=JobStatus.FAILED)
    assert await status_of(job, client) == outcome


async def test_events_tell_the_story(job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock) -> None:
    """The log holds what has happened so far, newest first, with metrics of the steps."""
    clock.advance(100)
    events = [event async for event in client.fine_tuning.jobs.list_events(job.id, limit=7)]
    messages = [event.message for event in events]
    assert messages[0] == "The job has successfully completed"
    assert messages[1].startswith("New fine-tuned model created: ft:")
    assert messages[-3:] == [
        "Files validated, moving job to running state",
        f"Validating training file: {job.training_file}",
        f"Created fine-tuning job: {job.id}",
    ]
    assert len({event.id for event in events}) == len(events)
    metrics = [event for event in events if event.type == "metrics"]
    assert metrics[0].message == "Step 36/36: training loss=0.27"
    assert metrics[0].created_at == 1_750_000_062


async def test_a_new_job_has_one_event(job: FineTuningJob, client: AsyncOpenAI) -> None:
    """Nothing is logged before it happens."""
    page = await client.fine_tuning.jobs.list_events(job.id)
    assert [event.message for event in page.data] == [f"Created fine-tuning job: {job.id}"]


async def test_checkpoints_appear_with_the_epochs(
    job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """Every one of the last three epochs leaves a checkpoint when it ends."""
    assert (await client.fine_tuning.jobs.checkpoints.list(job.id)).data == []
    clock.advance(42)
    first_two = await client.fine_tuning.jobs.checkpoints.list(job.id)
    assert [checkpoint.step_number for checkpoint in first_two.data] == [24, 12]
    clock.advance(60)
    all_three = await client.fine_tuning.jobs.checkpoints.list(job.id)
    assert [checkpoint.step_number for checkpoint in all_three.data] == [36, 24, 12]


async def test_jobs_are_listed_newest_first_and_in_pages(
    create_job: JobMaker, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A list goes from the newest job back, page after page, each job once."""
    made = []
    for _ in range(5):
        clock.advance(1)
        made.append((await create_job()).id)
    page = await client.fine_tuning.jobs.list(limit=2)
    assert [job.id for job in page.data] == made[:2:-1]
    assert page.has_more is True
    assert [job.id async for job in client.fine_tuning.jobs.list(limit=2)] == made[::-1]


async def test_jobs_are_found_by_metadata(create_job: JobMaker, client: AsyncOpenAI) -> None:
    """A metadata filter finds the jobs that carry all of its pairs."""
    wanted = await create_job(metadata={"finetuning_id": "f1", "team": "a b&c"})
    await create_job(metadata={"finetuning_id": "f2"})
    bare = await create_job()
    found = await client.fine_tuning.jobs.list(metadata={"finetuning_id": "f1", "team": "a b&c"})
    assert [job.id for job in found.data] == [wanted.id]
    without = await client.fine_tuning.jobs.list(extra_query={"metadata": "null"})
    assert [job.id for job in without.data] == [bare.id]
    none = await client.fine_tuning.jobs.list(metadata={"finetuning_id": "f1", "team": "z"})
    assert none.data == []


@pytest.mark.parametrize("limit", [0, 101])
async def test_a_limit_has_a_range(client: AsyncOpenAI, limit: int) -> None:
    """A page has 1 to 100 jobs."""
    with pytest.raises(BadRequestError) as refusal:
        await client.fine_tuning.jobs.list(limit=limit)
    assert refusal.value.param == "limit"


async def test_an_unknown_cursor_is_refused(client: AsyncOpenAI) -> None:
    """A page after a job that does not exist is a 404."""
    with pytest.raises(NotFoundError):
        await client.fine_tuning.jobs.list(after="ftjob-nobody")


@pytest.mark.parametrize("operation", ["retrieve", "cancel", "pause", "resume", "list_events"])
async def test_an_unknown_job_is_not_found(client: AsyncOpenAI, operation: str) -> None:
    """Every operation on an unknown job is a 404 with a code."""
    with pytest.raises(NotFoundError) as refusal:
        await getattr(client.fine_tuning.jobs, operation)("ftjob-nobody")
    assert refusal.value.code == "fine_tune_not_found"
