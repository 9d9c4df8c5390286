"""The account: models, and the end of a job.

The SDK and the owner see it.
"""

import pytest
from openai import AsyncOpenAI, NotFoundError, PermissionDeniedError
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import JobStatus, ManualClock, Sandbox
from tests.sandbox.conftest import status_of


async def test_a_trained_model_is_listed_until_deleted(
    job: FineTuningJob, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A job's model exists from its success to its deletion; the job keeps its name."""
    before = [model.id async for model in client.models.list()]
    assert "gpt-4" in before
    clock.advance(100)
    model_id = (await client.fine_tuning.jobs.retrieve(job.id)).fine_tuned_model
    assert model_id is not None
    assert [model.id async for model in client.models.list()] == [*before, model_id]
    assert (await client.models.retrieve(model_id)).created == 1_750_000_062
    assert (await client.models.delete(model_id)).deleted is True
    with pytest.raises(NotFoundError):
        await client.models.retrieve(model_id)
    with pytest.raises(NotFoundError):
        await client.models.delete(model_id)
    assert (await client.fine_tuning.jobs.retrieve(job.id)).fine_tuned_model == model_id


async def test_a_base_model_cannot_be_deleted(client: AsyncOpenAI) -> None:
    """Deleting a base model is forbidden."""
    with pytest.raises(PermissionDeniedError):
        await client.models.delete("gpt-4")


@pytest.mark.parametrize("outcome", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED])
async def test_the_owner_can_end_a_job(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, outcome: JobStatus
) -> None:
    """``finish_job`` brings a job to any end at once, and never changes an end."""
    sandbox.account.finish_job(job.id, outcome=outcome)
    assert await status_of(job, client) == outcome
    sandbox.account.finish_job(job.id, outcome=JobStatus.FAILED)
    assert await status_of(job, client) == outcome


async def test_the_owner_can_date_a_job_back(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """Its whole log moves along: half of a training of twenty minutes is over; an ended one stays."""
    dated = sandbox.account.date_back(job.id, began_s_ago=620, times_slower=20)
    assert (await status_of(job, client), dated.created_at) == (JobStatus.RUNNING, clock.now() - 620)
    steps = [one for one in dated.history if one.metrics]
    assert clock.now() - 60 <= steps[-1].at <= clock.now()
    clock.advance(620)
    assert await status_of(job, client) == JobStatus.SUCCEEDED
    sandbox.account.date_back(job.id, began_s_ago=9_999, times_slower=1)
    assert dated.created_at == clock.now() - 1240


async def test_a_job_dated_back_may_have_failed(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI
) -> None:
    """At a share of its time, with what it had reported up to then."""
    dated = sandbox.account.date_back(job.id, began_s_ago=6_200, times_slower=10, breaks_at=0.5)
    assert await status_of(job, client) == JobStatus.FAILED
    assert dated.history[-1].at == dated.created_at + 310
    assert any(one.metrics for one in dated.history)
