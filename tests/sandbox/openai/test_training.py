"""A training file's check, and the milestones of its job."""

import pytest
from openai import AsyncOpenAI
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import ManualClock
from tests.sandbox.conftest import JobMaker, chat_jsonl, status_of


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
