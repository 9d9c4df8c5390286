"""The steps towards a trained model.

There is one create call, whatever its answer.
"""

from datetime import timedelta

import pytest

from graphql_api.documents import FinetuningEventKind, FinetuningStatus
from graphql_api.finetunings.base_llm import BaseLlmChoice, ParameterChoice
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.jobs import JobStatus
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
from tests.world import DEPLOYMENT, World

GRACE_S = 120


async def test_a_finetuning_trains_to_its_model(world: World) -> None:
    """One upload, one create call with our id in its metadata, then nothing but reading."""
    choice = BaseLlmChoice(
        model_name="gpt-4", model_parameters=ParameterChoice(n_epochs=2, batch_size="auto")
    )
    created = await world.create(alias="My model", base_llm=choice)
    await world.drain(seconds=120)
    trained = await world.read(created)
    job = world.jobs()[0]

    assert (trained.status, trained.error) == (FinetuningStatus.SUCCEEDED, None)
    assert (trained.model_id, trained.trained_tokens) == (job.model_id, job.trained_tokens)
    assert (trained.finetuning_job_id, trained.finetuning_file_id) == (job.id, world.files()[0].id)
    assert (trained.due_at, trained.lease, trained.faults, trained.cancellation) == (None, None, 0, None)
    assert [(event.kind.value, event.status) for event in trained.timeline] == [
        ("created", "queued"),
        ("dataset_prepared", None),
        ("file_uploaded", None),
        ("submitting", None),
        ("job_attached", None),
        ("status_changed", "running"),
        ("status_changed", "succeeded"),
    ]
    body = world.sandbox.calls.find("jobs.create")[0].body
    assert body == {
        "model": "gpt-4",
        "training_file": trained.finetuning_file_id,
        "suffix": "My-model",
        "metadata": {"finetuning_id": str(created.id), "finetuning_deployment": DEPLOYMENT},
        "method": {
            "type": "supervised",
            "supervised": {
                "hyperparameters": {"n_epochs": 2, "batch_size": "auto", "learning_rate_multiplier": "auto"}
            },
        },
    }
    assert (world.calls("files.create"), world.calls("jobs.create")) == (1, 1)
    assert (world.calls("jobs.list"), world.calls("files.list"), world.calls("jobs.cancel")) == (0, 0, 0)


@each(REFUSED_FOR_NOW)
async def test_a_create_call_refused_for_now_is_made_again(world: World, fault: Fault) -> None:
    """It is known to have made no job, so it is repeated after the backoff, without any look-up."""
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.work()
    waiting = await world.read(created)
    assert (waiting.status, waiting.error) == (FinetuningStatus.QUEUED, None)
    assert (waiting.submission, waiting.finetuning_job_id, waiting.lease) == (None, None, None)
    assert waiting.faults == 1
    assert waiting.due_at is not None
    assert 0.5 <= (waiting.due_at - world.clock.now()).total_seconds() <= 1
    told = waiting.timeline[-2:]
    assert [event.kind for event in told] == [
        FinetuningEventKind.NOT_SUBMITTED,
        FinetuningEventKind.PROVIDER_FAULT,
    ]
    assert told[0].message == told[1].message
    assert str(fault.status) in str(told[0].message)

    world.advance(1)
    await world.work()
    submitted = await world.read(created)
    assert submitted.finetuning_job_id == world.jobs()[0].id
    assert submitted.faults == 0
    assert (world.calls("jobs.create"), world.calls("jobs.list"), world.calls("files.create")) == (2, 0, 1)


@pytest.mark.parametrize(("stated_s", "waited_s"), [(7.0, 7), (3600.0, 60)])
async def test_the_provider_says_how_long_to_wait(world: World, stated_s: float, waited_s: int) -> None:
    """Its retry-after is kept to, up to the longest backoff."""
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429, retry_after_s=stated_s))
    created = await world.create()
    await world.work()
    assert (await world.read(created)).due_at == world.clock.now() + timedelta(seconds=waited_s)


async def test_a_create_call_that_could_not_leave_is_made_again(world: World) -> None:
    """A refused connection is no submission: no look-up, no grace time."""
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429))
    created = await world.create()
    await world.work()
    await world.server.stop()
    world.advance(1)
    await world.work()
    waiting = await world.read(created)
    assert (waiting.submission, waiting.faults, waiting.status) == (None, 2, FinetuningStatus.QUEUED)

    await world.server.start()
    world.advance(2)
    await world.work()
    assert (await world.read(created)).finetuning_job_id == world.jobs()[0].id
    assert (world.calls("jobs.create"), world.calls("jobs.list")) == (2, 0)


@each(REFUSED)
async def test_a_create_call_refused_for_good_fails_the_finetuning(world: World, fault: Fault) -> None:
    """The provider's own words are the error; the unused file is removed."""
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.drain(seconds=300, step_s=15)
    failed = await world.read(created)
    assert failed.status is FinetuningStatus.FAILED
    assert failed.error == (
        f"The provider refused the request ({fault.status}): The sandbox was told to refuse this call."
    )
    assert (failed.finetuning_job_id, failed.finetuning_file_id, failed.submission) == (None, None, None)
    assert (failed.due_at, failed.lease, failed.leftover_file) == (None, None, None)
    assert (world.calls("jobs.create"), world.jobs(), world.files()) == (1, [], [])


@each(LOST_BUT_APPLIED)
async def test_a_job_whose_reply_was_lost_is_adopted(world: World, fault: Fault) -> None:
    """The job is found by our id and trained to its end: the create call is never made twice."""
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.work()
    marked = await world.read(created)
    assert marked.submission is not None
    assert (marked.finetuning_job_id, marked.faults) == (None, 1)
    assert marked.due_at == world.clock.now() + timedelta(seconds=1)

    world.advance(1)
    await world.work()
    adopted = await world.read(created)
    assert (adopted.finetuning_job_id, adopted.faults) == (world.jobs()[0].id, 0)
    await world.drain(seconds=120)
    assert (await world.read(created)).status is FinetuningStatus.SUCCEEDED
    assert (world.calls("jobs.create"), world.calls("jobs.list"), len(world.jobs())) == (1, 1, 1)


@each(SILENT)
async def test_a_job_made_in_silence_is_adopted(hasty_world: World, fault: Fault) -> None:
    """A create call that is given up, and carried out all the same, even if later, makes the one job."""
    world = hasty_world
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.drain(seconds=150)
    trained = await world.read(created)
    assert (trained.status, trained.finetuning_job_id) == (FinetuningStatus.SUCCEEDED, world.jobs()[0].id)
    assert (world.calls("jobs.create"), len(world.jobs())) == (1, 1)


@each(LOST)
async def test_a_lost_create_call_is_repeated_only_after_the_grace_time(world: World, fault: Fault) -> None:
    """Not before a look-up at the end of the grace time has found nothing."""
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.drain(seconds=300, step_s=15)
    first, second = world.sandbox.calls.find("jobs.create")
    assert GRACE_S <= second.at - first.at <= GRACE_S + 60
    look_ups = world.sandbox.calls.find("jobs.list")
    assert look_ups[-1].at == second.at
    assert len(look_ups) < 12
    trained = await world.read(created)
    assert (trained.status, len(world.jobs())) == (FinetuningStatus.SUCCEEDED, 1)
    reasons = [e.message for e in trained.timeline if e.kind is FinetuningEventKind.NOT_SUBMITTED]
    assert reasons == ["No job turned up within the grace time."]


@each({name: fault for name, fault in UNANSWERED.items() if name != "400"})  # that is an answer in the end
async def test_an_unanswered_look_up_proves_nothing(world: World, fault: Fault) -> None:
    """As long as the look-up fails the create call is not repeated, however long that lasts."""
    world.fault(at("jobs.create", LOST["reset"]))
    world.fault(at("jobs.list", fault, times=None))
    created = await world.create()
    await world.drain(seconds=300, step_s=15)
    waiting = await world.read(created)
    assert (waiting.status, waiting.finetuning_job_id) == (FinetuningStatus.QUEUED, None)
    assert waiting.submission is not None
    assert waiting.faults > 5
    assert world.calls("jobs.create") == 1

    world.sandbox.faults.clear()
    await world.drain(seconds=200, step_s=15)
    assert (await world.read(created)).status is FinetuningStatus.SUCCEEDED
    assert world.calls("jobs.create") == 2


@each(UNANSWERED)
async def test_a_status_that_cannot_be_read_changes_nothing(world: World, fault: Fault) -> None:
    """The last known status stands; earlier reads are kept, and reading goes on."""
    training = await world.created_and_training()
    world.fault(at("jobs.retrieve", fault))
    world.advance(10)
    await world.work()
    after = await world.read(training)
    assert (after.status, after.faults, after.error) == (FinetuningStatus.RUNNING, 1, None)
    assert (after.synced_at, after.missing_since) == (training.synced_at, None)
    assert after.due_at is not None
    assert after.due_at <= world.clock.now() + timedelta(seconds=1)
    await world.drain(seconds=60)
    trained = await world.read(training)
    assert (trained.status, trained.faults) == (FinetuningStatus.SUCCEEDED, 0)
    assert world.calls("jobs.create") == 1


async def test_a_live_job_is_read_once_an_interval(world: World) -> None:
    """Thirty seconds of training are three looks."""
    await world.created_and_training()
    before = world.calls("jobs.retrieve")
    await world.drain(seconds=31, step_s=1)
    assert world.calls("jobs.retrieve") - before == 3


async def test_a_word_we_do_not_know_is_told_as_it_is(world: World) -> None:
    """A paused job keeps its status and stays live; its word goes away when it goes on."""
    training = await world.created_and_training()
    world.sandbox.account.pause_job(world.jobs()[0].id)
    world.advance(3600)
    await world.work()
    paused = await world.read(training)
    assert (paused.status, paused.provider_status) == (FinetuningStatus.RUNNING, "paused")
    assert paused.is_cancellable
    assert paused.due_at is not None
    assert len(paused.timeline) == len(training.timeline)

    world.sandbox.account.resume_job(world.jobs()[0].id)
    await world.drain(seconds=120)
    trained = await world.read(training)
    assert (trained.status, trained.provider_status) == (FinetuningStatus.SUCCEEDED, None)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (JobStatus.CANCELLED, "Fine tuning cancelled at the provider"),
        (JobStatus.FAILED, "The job failed in training, as it was told to"),
        (JobStatus.SUCCEEDED, None),
    ],
)
async def test_an_end_at_the_provider_is_taken_over(
    world: World, outcome: JobStatus, error: str | None
) -> None:
    """A job ended without us, for example in the dashboard, ends here with no cancel on record."""
    training = await world.created_and_training()
    job = world.sandbox.account.finish_job(world.jobs()[0].id, outcome=outcome)
    await world.drain(seconds=20)
    after = await world.read(training)
    assert (after.status.value, after.error) == (outcome.value, error)
    assert (after.cancellation, after.due_at) == (None, None)
    assert after.finetuning_file_id == job.training_file
    assert (after.model_id is None) == (outcome is not JobStatus.SUCCEEDED)
    assert world.calls("jobs.cancel") == 0
