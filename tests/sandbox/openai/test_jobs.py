"""The life of a job, as the SDK sees it."""

import pytest
from openai import AsyncOpenAI, BadRequestError
from openai.types import FileObject
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import Durations, ManualClock, Sandbox
from tests.sandbox.conftest import JobMaker, chat_jsonl, status_of


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
    """A paused job makes no progress, and goes on from there when resumed."""
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
