"""The cancel through both faces, at a failing provider.

It is kept, told truly, and carried out later.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from graphql_api.documents import CANCELLED_BY_USER, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind, Lie
from graphql_api.sandbox.openai.jobs import JobStatus
from graphql_api.store.database import Database
from tests.http.conftest import Api, client_of
from tests.http.faces import Face
from tests.world import open_world

LOOKED = ["jobs.cancel", "jobs.retrieve"]
TOLD = "The sandbox was told to refuse this call."


def _status(status: int, message: str = TOLD) -> Fault:
    return Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=status, message=message)


def _lie(lie: Lie) -> Fault:
    return Fault(kind=FaultKind.LIE, operation="jobs.cancel", lie=lie)


TROUBLES: dict[str, tuple[Fault, str, list[str]]] = {
    "429": (_status(429), f"The provider asks to wait (429): {TOLD}", ["jobs.cancel"]),
    "500": (_status(500), f"The provider failed (500): {TOLD}", LOOKED),
    "503": (_status(503), f"The provider failed (503): {TOLD}", LOOKED),
    "html": (_lie(Lie.HTML), "The provider's answer is not JSON", LOOKED),
    "list": (_lie(Lie.LIST), "The provider's answer is not a JSON object", LOOKED),
    "empty": (_lie(Lie.EMPTY), "The provider's answer is not a fine-tuning job", LOOKED),
    "other_job": (_lie(Lie.OTHER_JOB), "The provider answered about another fine-tuning job", LOOKED),
    "reset": (
        Fault(kind=FaultKind.RESET, operation="jobs.cancel"),
        "The connection to the provider broke before its answer was complete (ReadError)",
        LOOKED,
    ),
    "401": (
        _status(401, "Incorrect API key provided: sk-local-demo."),
        "The provider refused the API key (401)",
        ["jobs.cancel"],
    ),
    "403": (
        _status(403, "The key sk-local-demo may not do this, nor may sk-proj-****cdef."),
        "The provider refused the request (403): The key [hidden] may not do this, nor may [hidden]",
        ["jobs.cancel"],
    ),
}
"""The fault of the cancel call, what is told of it, and the calls that were made."""


def assert_requested(finetuning: Finetuning, *, last_error: str) -> None:
    """Assert that the intent is stored and that nothing is claimed of the running job."""
    assert (finetuning.status, finetuning.error) == (FinetuningStatus.RUNNING, None)
    assert finetuning.cancellation is not None
    told = finetuning.cancellation
    assert (told.phase, told.attempts, told.last_error) == (CancellationPhase.REQUESTED, 1, last_error)
    assert (told.confirmed_at, finetuning.finished_at, finetuning.lease) == (None, None, None)


def assert_cancelled(finetuning: Finetuning, *, attempts: int) -> None:
    """Assert that the provider has confirmed the cancel."""
    assert (finetuning.status, finetuning.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert finetuning.cancellation is not None
    told = finetuning.cancellation
    assert (told.phase, told.attempts, told.last_error) == (CancellationPhase.CONFIRMED, attempts, None)


@pytest.mark.parametrize(("fault", "last_error", "made"), TROUBLES.values(), ids=TROUBLES.keys())
async def test_a_provider_in_trouble_is_asked_again(
    api: Api, fault: Fault, last_error: str, made: list[str]
) -> None:
    """The answer is no error: it has the true status, and the next try is the worker's, not the user's."""
    training = await api.world.created_and_training()
    seen = len(api.world.sandbox.calls.find())
    api.world.fault(replace(fault))
    stored = await api.cancel_told(training, http_status=202)
    assert_requested(stored, last_error=last_error)
    assert "sk-" not in last_error
    assert [call.operation for call in api.world.sandbox.calls.find()[seen:]] == made
    assert [job.status for job in api.world.jobs()] == [JobStatus.RUNNING]

    await api.world.drain(seconds=10, step_s=1)
    after = await api.world.read(training)
    assert_cancelled(after, attempts=2)
    assert [job.status for job in api.world.jobs()] == [JobStatus.CANCELLED]
    assert api.world.calls("jobs.cancel") == 2


async def test_a_provider_that_refuses_connections_is_asked_again(api: Api) -> None:
    """Nothing reached it; once it is back, one cancel call is enough."""
    training = await api.world.created_and_training()
    await api.world.server.stop()
    stored = await api.cancel_told(training, http_status=202)
    assert_requested(stored, last_error="The provider could not be reached: All connection attempts failed")
    await api.world.server.start()
    await api.world.drain(seconds=10, step_s=1)
    after = await api.world.read(training)
    assert_cancelled(after, attempts=2)
    assert api.world.calls("jobs.cancel") == 1


@pytest.fixture
async def hasty_api(database: Database, face: Face) -> AsyncIterator[Api]:
    """Yield each face of a world that soon gives a silent provider up."""
    async with open_world(database, call_timeout_s=0.3) as world, client_of(world) as http:
        yield Api(world=world, http=http, face=face)


async def test_a_silent_provider_is_asked_again(hasty_api: Api) -> None:
    """The hanging call is given up, the job is looked at, and it still runs: the answer says so."""
    world = hasty_api.world
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    stored = await hasty_api.cancel_told(training, http_status=202)
    assert_requested(stored, last_error="The provider did not answer within 0.3 s")
    await world.drain(seconds=10, step_s=1)
    after = await world.read(training)
    assert_cancelled(after, attempts=2)
    assert world.calls("jobs.cancel") == 2


async def test_a_job_that_the_provider_does_not_know_is_closed_after_the_grace_time(api: Api) -> None:
    """It could be a wrong account, so it is not believed at once; in the end the doubt is told."""
    training = await api.world.created_and_training()
    job = api.world.sandbox.account.holdings.jobs.popitem()[1]
    stored = await api.cancel_told(training, http_status=202)
    message = f"The provider refused the request (404): Could not find fine tune: {job.id}"
    assert_requested(stored, last_error=message)
    assert stored.missing_since == stored.updated_at

    await api.world.drain(seconds=api.world.engine.timing.grace_s, step_s=5)
    during = await api.world.read(training)
    assert during.status is FinetuningStatus.RUNNING
    await api.world.drain(seconds=2 * api.world.engine.timing.backoff_cap_s, step_s=5)
    after = await api.world.read(training)
    assert (after.status, after.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert after.cancellation is not None
    told = after.cancellation
    assert (told.phase, told.confirmed_at) == (CancellationPhase.UNCONFIRMED, None)
    assert (told.attempts, told.last_error) == (api.world.calls("jobs.cancel"), message)
    repeated = await api.cancel_told(training, http_status=200)
    assert repeated == after


async def test_a_job_that_turns_up_again_is_cancelled_for_sure(api: Api) -> None:
    """Within the grace time a 404 is only one more failed try."""
    training = await api.world.created_and_training()
    jobs = api.world.sandbox.account.holdings.jobs
    job_id, job = jobs.popitem()
    await api.cancel_told(training, http_status=202)
    jobs[job_id] = job
    await api.world.drain(seconds=10, step_s=1)
    after = await api.world.read(training)
    assert_cancelled(after, attempts=2)
    assert after.missing_since is None
    assert [job.status for job in api.world.jobs()] == [JobStatus.CANCELLED]


async def test_a_job_that_was_cancelled_at_the_provider_is_cancelled(api: Api) -> None:
    """The provider refuses a second cancel; the job read back is the wanted one."""
    training = await api.world.created_and_training()
    api.world.sandbox.account.finish_job(api.world.jobs()[0].id, outcome=JobStatus.CANCELLED)
    stored = await api.cancel_told(training, http_status=200)
    assert_cancelled(stored, attempts=1)
    assert api.world.calls("jobs.cancel") == 1
