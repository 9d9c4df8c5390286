"""The shapes of answers, as the SDK reads them."""

from openai import AsyncOpenAI
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import ManualClock
from tests.sandbox.conftest import JobMaker, chat_jsonl


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


async def test_events_tell_the_story(job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock) -> None:
    """The log holds all events so far, newest first, with metrics of the steps."""
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
