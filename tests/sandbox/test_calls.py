"""The record of calls."""

import pytest
from openai import AsyncOpenAI, BadRequestError
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import Fault, FaultKind, Sandbox
from tests.sandbox.conftest import JobMaker


async def test_creates_are_counted_by_metadata(create_job: JobMaker, sandbox: Sandbox) -> None:
    """How many creates with an id were seen, and how many of them applied, can be told."""
    await create_job(metadata={"finetuning_id": "f1"})
    await create_job(metadata={"finetuning_id": "f2"})
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, operation="jobs.create"))
    with pytest.raises(Exception, match="told to refuse"):
        await create_job(metadata={"finetuning_id": "f1"})
    seen = sandbox.calls.find("jobs.create", metadata={"finetuning_id": "f1"})
    assert [call.applied for call in seen] == [True, False]
    assert [call.status for call in seen] == [200, 500]
    assert len(sandbox.calls.find("jobs.create", applied=True)) == 2


async def test_calls_are_found_by_the_ids_in_their_path(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI
) -> None:
    """A call is known by its operation, its ids and its place in the order."""
    await client.fine_tuning.jobs.cancel(job.id)
    with pytest.raises(BadRequestError):
        await client.fine_tuning.jobs.cancel(job.id)
    first, second = sandbox.calls.find("jobs.cancel", job_id=job.id)
    assert (first.applied, second.applied, second.status) == (True, False, 400)
    assert second.number == first.number + 1
    assert first.at == 1_750_000_000
    assert sandbox.calls.find("jobs.cancel", job_id="ftjob-other") == []


async def test_a_cleared_record_goes_on_counting(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    """Clearing forgets the calls, not their number."""
    await client.files.list()
    sandbox.calls.clear()
    await client.files.list()
    assert [call.number for call in sandbox.calls.find()] == [2]
