"""The wait for a training file in processing.

It is a step like any other, and never the end by itself.
"""

import pytest

from graphql_api.documents import CANCELLED_BY_USER, Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.training import Durations
from tests.provider_faults import at
from tests.world import World

PROCESSING_S = 40
LIMIT_S = 1800
GRACE_S = 120


async def waiting(world: World, *, processing_s: float = PROCESSING_S) -> Finetuning:
    """Return a finetuning with a training file just uploaded, and not processed yet."""
    world.sandbox.account.durations = Durations(processing_s=processing_s, running_s=10**6)
    created = await world.create()
    await world.work()
    return await world.read(created)


def kinds(finetuning: Finetuning) -> list[FinetuningEventKind]:
    """Return the kinds of its events."""
    return [entry.kind for entry in finetuning.timeline]


async def test_a_file_that_is_not_processed_is_waited_for_without_a_lease(world: World) -> None:
    """Its status is told meanwhile, no create call is made, and then the job is made once."""
    waits = await waiting(world)
    assert (waits.status, waits.provider_status, waits.error) == (FinetuningStatus.QUEUED, "pending", None)
    assert (waits.lease, waits.faults) == (None, 0)
    assert waits.due_at is not None
    assert 0 < (waits.due_at - world.clock.now()).total_seconds() <= 1
    await world.drain(seconds=PROCESSING_S - 1, step_s=1)
    assert world.calls("jobs.create") == 0
    looks = world.calls("files.retrieve")
    assert 3 <= looks <= 10
    await world.drain(seconds=40, step_s=1)
    trains = await world.read(waits)
    assert (trains.status, trains.provider_status) == (FinetuningStatus.RUNNING, None)
    assert (world.calls("jobs.create"), world.calls("files.create"), len(world.jobs())) == (1, 1, 1)
    told = [kind for kind in kinds(trains) if kind.name.startswith("FILE_")]
    assert told == ["file_uploaded", "file_processing", "file_processed"]


async def test_a_file_that_is_ready_at_once_is_not_asked_about(world: World) -> None:
    """The upload's own answer says it: no call more than before, and no entry."""
    trains = await world.created_and_training()
    assert trains.status is FinetuningStatus.RUNNING
    assert world.calls("files.retrieve") == 0
    assert not {"file_processing", "file_processed"} & {*kinds(trains)}


@pytest.mark.parametrize("processing_s", [0, PROCESSING_S], ids=["at once", "in the end"])
async def test_an_unusable_file_ends_it_with_the_providers_reason(world: World, processing_s: float) -> None:
    """No create call is made of it, and it is removed."""
    world.fault(Fault(kind=FaultKind.FILE_UNUSABLE, operation="files.create"))
    waits = await waiting(world, processing_s=processing_s)
    await world.drain(seconds=2 * processing_s + 5, step_s=5)
    failed = await world.read(waits)
    assert failed.status is FinetuningStatus.FAILED
    assert failed.error == "The provider cannot use the training file: The file could not be read."
    assert (world.calls("jobs.create"), world.files(), failed.due_at) == (0, [], None)


async def test_a_cancel_meanwhile_closes_at_once_and_removes_the_file(world: World) -> None:
    """Nothing can have been made of it."""
    waits = await waiting(world)
    cancelled = await world.cancel(waits)
    assert (cancelled.status, cancelled.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert (cancelled.provider_status, cancelled.finetuning_file_id) == (None, None)
    await world.drain(seconds=2 * PROCESSING_S)
    assert (world.files(), world.calls("jobs.create")) == ([], 0)


@pytest.mark.parametrize("fault", [500, 429, 401, 404])
async def test_a_look_that_is_not_answered_is_made_again(world: World, fault: int) -> None:
    """Also a 404 just after the upload: it may not be there everywhere yet."""
    world.fault(at("files.retrieve", Fault(kind=FaultKind.STATUS, status=fault)))
    waits = await waiting(world)
    assert (waits.status, waits.faults) == (FinetuningStatus.QUEUED, 1)
    await world.drain(seconds=3 * PROCESSING_S)
    assert (await world.read(waits)).status is FinetuningStatus.RUNNING
    assert world.calls("jobs.create") == 1


async def test_an_endpoint_that_does_not_tell_of_files_is_not_waited_for(world: World) -> None:
    """A refused look is no answer: the create call is, and this one takes the file."""
    world.fault(Fault(kind=FaultKind.UPLOADED_SAID, operation="files.create"))
    world.fault(at("files.retrieve", Fault(kind=FaultKind.STATUS, status=405), times=None))
    created = await world.create()
    await world.work()
    assert (await world.read(created)).finetuning_job_id == world.jobs()[0].id


async def test_a_file_that_is_uploaded_for_ever_is_tried_after_the_grace_time(world: World) -> None:
    """Nothing says that it is being processed, so the create call decides, and may well take it."""
    world.fault(Fault(kind=FaultKind.UPLOADED_SAID, times=None))
    waits = await waiting(world, processing_s=0)
    assert waits.provider_status == "uploaded"
    await world.drain(seconds=GRACE_S - 5)
    assert world.calls("jobs.create") == 0
    await world.drain(seconds=70)
    assert (await world.read(waits)).finetuning_job_id == world.jobs()[0].id
    assert world.calls("jobs.create") == 1


async def test_a_create_call_refused_over_a_file_in_the_making_is_a_wait(world: World) -> None:
    """The file's own status gives the reason, for any words of the refusal; one job is made in the end."""
    world.fault(Fault(kind=FaultKind.UPLOADED_SAID, operation="files.create"))
    world.fault(at("files.retrieve", Fault(kind=FaultKind.STATUS, status=405)))
    waits = await waiting(world)
    assert (waits.status, waits.provider_status) == (FinetuningStatus.QUEUED, "pending")
    assert (waits.submission, waits.lease, world.calls("jobs.create")) == (None, None, 1)
    await world.drain(seconds=3 * PROCESSING_S)
    assert (await world.read(waits)).status is FinetuningStatus.RUNNING
    assert (world.calls("jobs.create"), len(world.jobs())) == (2, 1)


async def test_a_file_that_is_never_processed_is_not_waited_for_without_end(world: World) -> None:
    """After half an hour the create call is made all the same, and its refusal is the end."""
    waits = await waiting(world, processing_s=10**6)
    await world.drain(seconds=LIMIT_S - 10, step_s=10)
    assert (await world.read(waits)).status is FinetuningStatus.QUEUED
    assert world.calls("jobs.create") == 0
    await world.drain(seconds=80, step_s=10)
    failed = await world.read(waits)
    assert failed.status is FinetuningStatus.FAILED
    assert "is not ready: its status is pending." in str(failed.error)
    assert (world.calls("jobs.create"), world.files()) == (1, [])


async def test_a_refusal_for_another_reason_is_the_end(world: World) -> None:
    """A file that is processed, as its upload said, is not asked about again."""
    created = await world.create()
    world.fault(at("jobs.create", Fault(kind=FaultKind.STATUS, status=400)))
    await world.drain(seconds=5)
    assert (await world.read(created)).status is FinetuningStatus.FAILED
    assert (world.calls("jobs.create"), world.calls("files.retrieve"), world.files()) == (1, 0, [])
