"""An endpoint refuses its lists as such.

A refusal through the whole grace time is an answer.
"""

from dataclasses import replace

import pytest

from graphql_api.documents import CANCELLED_BY_USER, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.finetunings.delete import delete
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.training import Durations
from tests.provider_faults import LOST, LOST_BUT_APPLIED, at, each
from tests.world import World

GRACE_S = 120
BOUND_S = GRACE_S + 60 + 5
"""The grace time, the longest backoff, and a step of the test's clock."""

AS_SUCH = {str(status): Fault(kind=FaultKind.STATUS, status=status) for status in (400, 404, 405, 410, 422)}
OUTAGES = {
    "500": Fault(kind=FaultKind.STATUS, status=500),
    "501": Fault(kind=FaultKind.STATUS, status=501),
    "429": Fault(kind=FaultKind.STATUS, status=429),
    "401": Fault(kind=FaultKind.STATUS, status=401),
    "403": Fault(kind=FaultKind.STATUS, status=403),
    "302": Fault(kind=FaultKind.STATUS, status=302),
    "quota": Fault(kind=FaultKind.STATUS, status=429, code="insufficient_quota"),
    "reset": Fault(kind=FaultKind.RESET),
    "html": LOST["html"],
}
NOT_KNOWN = "It is not known whether the create call made a job"


async def with_lost_create(world: World, *, refusal: Fault, applied: bool = False) -> Finetuning:
    """Create a finetuning with an unanswered create call, at an endpoint with refused lists."""
    world.sandbox.account.durations = Durations(running_s=10**6)
    world.fault(at("jobs.create", (LOST_BUT_APPLIED if applied else LOST)["500"]))
    world.fault(at("jobs.list", refusal, times=None))
    created = await world.create()
    await world.work()
    return await world.read(created)


async def seconds_until_end(world: World, finetuning: Finetuning, *, most_s: float = 600) -> float | None:
    """Let the worker work up to the end of the finetuning; ``None`` without an end by then."""
    began = world.clock.now()
    while not (await world.read(finetuning)).status.is_terminal:
        world.advance(5)
        await world.work()
        if (world.clock.now() - began).total_seconds() > most_s:
            return None
    return (world.clock.now() - began).total_seconds()


@each(AS_SUCH)
async def test_a_training_whose_create_cannot_be_looked_up_fails(world: World, fault: Fault) -> None:
    """It fails with the provider's words, after the grace time, and not before it."""
    created = await with_lost_create(world, refusal=fault)
    took = await seconds_until_end(world, created)
    assert took is not None
    assert GRACE_S <= took <= BOUND_S
    after = await world.read(created)
    assert after.status is FinetuningStatus.FAILED
    words = f"The provider refused the request ({fault.status}): {fault.message}"
    assert after.error is not None
    assert (after.error.startswith(NOT_KNOWN), after.error.endswith(words)) == (True, True)
    assert after.last_fault is not None
    assert (after.last_fault.message, after.unanswered_create) == (words, True)
    assert (world.calls("jobs.create"), world.jobs()) == (1, [])


@each(AS_SUCH)
async def test_a_cancel_whose_create_cannot_be_looked_up_is_unconfirmed(world: World, fault: Fault) -> None:
    """Its tries are counted, its last error is the provider's own, and nothing is called confirmed."""
    created = await with_lost_create(world, refusal=fault)
    requested = await world.cancel(created)
    assert requested.cancellation is not None
    assert requested.cancellation.phase is CancellationPhase.REQUESTED
    took = await seconds_until_end(world, created)
    assert took is not None
    assert GRACE_S <= took <= BOUND_S
    after = await world.read(created)
    assert (after.status, after.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert after.cancellation is not None
    words = f"The provider refused the request ({fault.status}): {fault.message}"
    assert (after.cancellation.phase, after.cancellation.confirmed_at, after.cancellation.last_error) == (
        CancellationPhase.UNCONFIRMED,
        None,
        words,
    )
    assert after.cancellation.attempts >= 8
    assert after.timeline[-2].status is FinetuningStatus.CANCELLED


@each(OUTAGES)
async def test_an_outage_decides_nothing_however_long(world: World, fault: Fault) -> None:
    """Neither silence nor a wrong key nor a limit says anything about the look-up; the fault is told."""
    created = await with_lost_create(world, refusal=fault)
    await world.cancel(created)
    assert await seconds_until_end(world, created, most_s=1200) is None
    waiting = await world.read(created)
    assert waiting.cancellation is not None
    assert waiting.last_fault is not None
    assert waiting.cancellation.phase is CancellationPhase.REQUESTED
    assert waiting.cancellation.last_error == waiting.last_fault.message != ""
    assert waiting.cancellation.attempts > 15


async def test_an_outage_in_between_begins_the_grace_time_anew(world: World) -> None:
    """Refusals long ago and one of today are not a refusal that lasts."""
    created = await with_lost_create(world, refusal=AS_SUCH["400"])
    assert await seconds_until_end(world, created, most_s=60) is None
    refused = await world.read(created)
    assert refused.refused_since is not None
    world.sandbox.faults.clear()
    world.fault(at("jobs.list", OUTAGES["500"], times=None))
    assert await seconds_until_end(world, created, most_s=300) is None
    world.sandbox.faults.clear()
    world.fault(at("jobs.list", AS_SUCH["400"], times=None))
    took = await seconds_until_end(world, created)
    assert took is not None
    assert GRACE_S <= took <= BOUND_S + 60


async def test_a_list_that_works_again_in_time_is_believed(world: World) -> None:
    """The job made at the start is adopted and stopped, and the stop is confirmed."""
    created = await with_lost_create(world, refusal=AS_SUCH["400"], applied=True)
    await world.cancel(created)
    assert await seconds_until_end(world, created, most_s=60) is None
    world.sandbox.faults.clear()
    assert await seconds_until_end(world, created) is not None
    after = await world.read(created)
    assert after.cancellation is not None
    assert (after.cancellation.phase, after.last_fault) == (CancellationPhase.CONFIRMED, None)
    assert world.live_jobs() == []


async def test_a_job_whose_status_cannot_be_read_back_is_cancelled_unconfirmed(world: World) -> None:
    """An endpoint that refuses to tell of a job is as good as one unaware of it."""
    world.sandbox.account.durations = Durations(running_s=10**6)
    training = await world.created_and_training()
    world.fault(at("jobs.retrieve", AS_SUCH["405"], times=None))
    await world.cancel(training)
    took = await seconds_until_end(world, training)
    assert took is not None
    assert GRACE_S <= took <= BOUND_S
    after = await world.read(training)
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.UNCONFIRMED
    assert after.cancellation.last_error is not None
    assert "(405)" in after.cancellation.last_error


async def test_a_known_job_is_not_given_up_for_a_refused_list(world: World) -> None:
    """A wrong address answers 404 to everything: a wanted training goes on after its repair."""
    world.sandbox.account.durations = Durations(running_s=10**6)
    training = await world.created_and_training()
    world.fault(at("*", AS_SUCH["404"], times=None))
    assert await seconds_until_end(world, training, most_s=900) is None
    stuck = await world.read(training)
    assert stuck.last_fault is not None
    assert "(404)" in stuck.last_fault.message
    world.sandbox.faults.clear()
    await world.drain(seconds=70)
    assert (await world.read(training)).last_fault is None


@pytest.mark.parametrize("operation", ["files.list", "files.delete"])
async def test_a_deletion_does_not_wait_long_for_a_file_that_cannot_be_removed(
    world: World, operation: str
) -> None:
    """The endpoint refuses to remove files, or to list them: after the grace time the deletion ends."""
    world.fault(at("files.create", LOST["500"], times=None))
    created = await world.create()
    await world.work()
    world.sandbox.faults.clear()
    world.fault(at(operation, AS_SUCH["405"], times=None))
    if operation == "files.delete":
        await world.drain(seconds=70)
    await delete(str(created.id), caller=world.caller, engine=world.engine)
    await world.drain(seconds=BOUND_S)
    after = await world.read(created)
    assert after.deletion is not None
    assert after.deletion.deleted_at is not None


async def test_an_upload_that_cannot_be_looked_for_fails_at_once(world: World) -> None:
    """No money is at stake before a job is made, so the first refusal is believed."""
    world.fault(at("files.create", LOST["500"]))
    world.fault(at("files.list", replace(AS_SUCH["400"], message="No lists here."), times=None))
    created = await world.create()
    await world.drain(seconds=30)
    after = await world.read(created)
    assert (after.status, after.error) == (
        FinetuningStatus.FAILED,
        "The provider refused the request (400): No lists here.",
    )
    assert world.calls("jobs.create") == 0
