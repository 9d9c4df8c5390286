"""Every fault, as the SDK meets it."""

import asyncio
import json

import httpx2
import pytest
from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI, RateLimitError
from openai.types.fine_tuning import FineTuningJob

from graphql_api.sandbox.faults import Outcome
from graphql_api.sandbox.openai import Fault, FaultKind, JobStatus, Lie, ManualClock, Sandbox


@pytest.mark.parametrize(("applied", "status"), [(False, JobStatus.QUEUED), (True, JobStatus.CANCELLED)])
async def test_a_reset_is_a_read_error(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, applied: bool, status: JobStatus
) -> None:
    """A reset leaves the client without a byte, and the call applied or not as told."""
    sandbox.faults.add(Fault(kind=FaultKind.RESET, operation="jobs.cancel", applied=applied))
    with pytest.raises(APIConnectionError) as fault:
        await client.fine_tuning.jobs.cancel(job.id)
    assert isinstance(fault.value.__cause__, httpx2.ReadError)
    assert sandbox.account.job(job.id).status is status
    [call] = sandbox.calls.find("jobs.cancel", job_id=job.id)
    assert (call.applied, call.status, call.fault) == (applied, None, "reset")


async def test_a_cut_answer_is_a_protocol_error(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI
) -> None:
    """An answer cut in the middle is seen as cut, though the call was applied."""
    sandbox.faults.add(Fault(kind=FaultKind.CUT, operation="jobs.cancel"))
    with pytest.raises(APIConnectionError) as fault:
        await unchecked.fine_tuning.jobs.cancel(job.id)
    assert isinstance(fault.value.__cause__, httpx2.RemoteProtocolError)
    assert sandbox.account.job(job.id).status is JobStatus.CANCELLED


@pytest.mark.parametrize("applied", [False, True])
async def test_a_server_error_may_hide_an_effect(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, applied: bool
) -> None:
    """A 5xx is answered before or after the call took effect."""
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, status=503, operation="jobs.cancel", applied=applied))
    with pytest.raises(APIStatusError) as fault:
        await client.fine_tuning.jobs.cancel(job.id)
    assert (fault.value.status_code, fault.value.type) == (503, "server_error")
    assert sandbox.account.job(job.id).status.is_terminal is applied


async def test_a_rate_limit_says_how_long_to_wait(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI
) -> None:
    """A 429 carries its retry-after."""
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, status=429, code="rate_limit_exceeded", retry_after_s=7))
    with pytest.raises(RateLimitError) as fault:
        await client.fine_tuning.jobs.retrieve(job.id)
    assert fault.value.response.headers["retry-after"] == "7"
    assert (fault.value.code, fault.value.type) == ("rate_limit_exceeded", "requests")


async def test_an_empty_purse_has_its_own_type(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    """A 429 for want of money is told apart by code and type, as OpenAI does."""
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, status=429, code="insufficient_quota"))
    with pytest.raises(RateLimitError) as fault:
        await client.files.list()
    assert (fault.value.code, fault.value.type) == ("insufficient_quota", "insufficient_quota")
    assert "retry-after" not in fault.value.response.headers


async def test_a_refusal_carries_the_scripted_words(sandbox: Sandbox, client: AsyncOpenAI) -> None:
    """A scripted 4xx has the status, code and message it was given."""
    sandbox.faults.add(Fault(kind=FaultKind.STATUS, status=403, code="no_entry", message="Not today."))
    with pytest.raises(APIStatusError, match=r"Not today\.") as fault:
        await client.files.list()
    assert (fault.value.status_code, fault.value.code) == (403, "no_entry")
    assert fault.value.type == "invalid_request_error"


@pytest.mark.parametrize("applied", [False, True])
async def test_a_hanging_call_times_out(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, applied: bool
) -> None:
    """A client that gives up leaves a hanging call as applied as it was when it began to hang."""
    sandbox.faults.add(Fault(kind=FaultKind.HANG, operation="jobs.cancel", applied=applied))
    with pytest.raises(APITimeoutError):
        await client.with_options(timeout=0.05).fine_tuning.jobs.cancel(job.id)
    sandbox.faults.release()
    await sandbox.calls.wait_for("jobs.cancel", ended=True)
    assert sandbox.account.job(job.id).status.is_terminal is applied
    assert sandbox.calls.find("jobs.cancel")[0].status is None


async def test_a_released_call_goes_on(job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI) -> None:
    """A hanging call is carried out and answered after its release."""
    sandbox.faults.add(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    cancelling = asyncio.create_task(client.fine_tuning.jobs.cancel(job.id))
    await sandbox.calls.wait_for("jobs.cancel")
    assert sandbox.account.job(job.id).status is JobStatus.QUEUED
    sandbox.faults.release()
    assert (await cancelling).status == "cancelled"


async def test_a_call_can_hang_for_a_while(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A call that hangs for some seconds goes on when the clock has passed them."""
    sandbox.faults.add(Fault(kind=FaultKind.HANG, operation="jobs.cancel", seconds=30))
    cancelling = asyncio.create_task(client.fine_tuning.jobs.cancel(job.id))
    await sandbox.calls.wait_for("jobs.cancel")
    clock.advance(30)
    assert (await cancelling).status == "cancelled"


async def test_a_delayed_call_is_applied_though_nobody_waits(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, clock: ManualClock
) -> None:
    """A delayed call takes effect when its time comes, long after the client has given up."""
    sandbox.faults.add(Fault(kind=FaultKind.DELAY, operation="jobs.cancel", seconds=20))
    with pytest.raises(APITimeoutError):
        await client.with_options(timeout=0.05).fine_tuning.jobs.cancel(job.id)
    assert sandbox.account.job(job.id).status is JobStatus.QUEUED
    clock.advance(20)
    await sandbox.calls.wait_for("jobs.cancel", applied=True)
    assert sandbox.account.job(job.id).status is JobStatus.CANCELLED


async def test_half_a_json_is_a_decode_error(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI
) -> None:
    """A complete 200 with half of its JSON surfaces as a bare decoding error."""
    sandbox.faults.add(Fault(kind=FaultKind.TRUNCATED, operation="jobs.cancel"))
    with pytest.raises(json.JSONDecodeError):
        await unchecked.fine_tuning.jobs.cancel(job.id)
    assert sandbox.account.job(job.id).status is JobStatus.CANCELLED


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (Lie.EMPTY, None),
        (Lie.LIST, []),
        (Lie.NULL, None),
        (Lie.HTML, "<!doctype html><title>Welcome to the hotel's network</title>"),
        (Lie.OTHER_JOB, "ftjob-sandboxstranger"),
    ],
)
@pytest.mark.parametrize("applied", [False, True])
async def test_a_200_can_lie(
    job: FineTuningJob, sandbox: Sandbox, unchecked: AsyncOpenAI, lie: Lie, told: object, applied: bool
) -> None:
    """A lying 200 reaches the caller without any error, whether the call was applied or not."""
    sandbox.faults.add(Fault(kind=FaultKind.LIE, operation="jobs.cancel", lie=lie, applied=applied))
    answer: object = await unchecked.fine_tuning.jobs.cancel(job.id)
    assert getattr(answer, "id", answer) == told
    assert sandbox.account.job(job.id).status.is_terminal is applied


async def test_a_drip_outlives_the_read_timeout(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI
) -> None:
    """An answer that drips keeps the client past its read timeout; only a total limit ends it."""
    sandbox.faults.add(Fault(kind=FaultKind.DRIP, operation="jobs.retrieve", seconds=0.02))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await client.with_options(timeout=0.15).fine_tuning.jobs.retrieve(job.id)


async def test_a_drip_comes_to_its_end(job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI) -> None:
    """A patient client gets the whole answer, byte by byte."""
    sandbox.faults.add(Fault(kind=FaultKind.DRIP, operation="jobs.retrieve", seconds=0))
    assert await client.fine_tuning.jobs.retrieve(job.id) == job


@pytest.mark.parametrize("outcome", [JobStatus.SUCCEEDED, JobStatus.FAILED])
async def test_a_job_can_end_just_before_its_cancel(
    job: FineTuningJob, sandbox: Sandbox, client: AsyncOpenAI, outcome: JobStatus
) -> None:
    """A cancel that comes an instant too late is refused, and the end stands."""
    sandbox.faults.add(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.cancel", outcome=Outcome(outcome)))
    with pytest.raises(APIStatusError) as refusal:
        await client.fine_tuning.jobs.cancel(job.id)
    assert refusal.value.status_code == 400
    assert (await client.fine_tuning.jobs.retrieve(job.id)).status == outcome
