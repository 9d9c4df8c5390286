"""The script of faults: which call takes which fault."""

import pytest
from openai import APIStatusError, AsyncOpenAI
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.openai import Fault, FaultKind, Sandbox


async def test_faults_are_used_up_in_their_order(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI
) -> None:
    """Each call takes the first fault that is meant for it; when all are used up, calls succeed again."""
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, status=500, operation="jobs.retrieve", times=2))
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, status=418))
    statuses = []
    for _ in range(3):
        with pytest.raises(APIStatusError) as fault:
            await client.fine_tuning.jobs.retrieve(job.id)
        statuses.append(fault.value.status_code)
    assert statuses == [500, 500, 418]
    assert (await client.fine_tuning.jobs.retrieve(job.id)).id == job.id


async def test_a_fault_can_last(job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI) -> None:
    """A fault without a count goes on until the script is cleared, and spares other operations."""
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", times=None))
    for _ in range(3):
        with pytest.raises(APIStatusError):
            await client.fine_tuning.jobs.cancel(job.id)
    assert (await client.fine_tuning.jobs.retrieve(job.id)).status == "queued"
    sandbox.faults.clear()
    assert (await client.fine_tuning.jobs.cancel(job.id)).status == "cancelled"
