"""The steps about the training file.

It is uploaded once, found again, and removed after its last use.
"""

import asyncio
import hashlib

import pytest

from graphql_api.catalogue.golden_records import NewGoldenRecord, add_golden_records
from graphql_api.documents import (
    DbConnection,
    Finetuning,
    FinetuningEventKind,
    FinetuningStatus,
    GoldenRecord,
)
from graphql_api.engine.driving import work_once
from graphql_api.engine.training_file import MOST_REMOVAL_FAULTS
from graphql_api.sandbox.faults import Fault, FaultKind
from tests.interruptions import Interrupted
from tests.provider_faults import LOST, LOST_BUT_APPLIED, REFUSED, REFUSED_FOR_NOW, SILENT, at, each
from tests.world import UNCHECKED, World


async def uploaded(world: World) -> Finetuning:
    """Return a finetuning with an uploaded file and a create call refused for now."""
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429, retry_after_s=60))
    created = await world.create()
    await world.work()
    finetuning = await world.read(created)
    assert finetuning.finetuning_file_id == world.files()[0].id
    return finetuning


async def test_the_uploaded_file_is_what_the_dataset_says(world: World) -> None:
    """Its digest, size and records are on record, and its name leads back to the finetuning."""
    finetuning = await uploaded(world)
    file, dataset = world.files()[0], finetuning.dataset
    assert dataset is not None
    assert dataset.sha256 == hashlib.sha256(file.content).hexdigest()
    assert (dataset.size_bytes, dataset.record_count) == (len(file.content), 10)
    assert len(set(dataset.golden_records)) == 10
    assert file.filename == f"finetuning-{finetuning.id}-{dataset.sha256[:16]}.jsonl"


@each(LOST_BUT_APPLIED)
async def test_a_file_whose_reply_was_lost_is_found_by_its_name(world: World, fault: Fault) -> None:
    """It is used, and not uploaded a second time."""
    world.fault(at("files.create", fault))
    created = await world.create()
    await world.work()
    waiting = await world.read(created)
    assert (waiting.status, waiting.faults, waiting.finetuning_file_id) == (FinetuningStatus.QUEUED, 1, None)
    world.advance(1)
    await world.work()
    after = await world.read(created)
    assert after.finetuning_file_id == world.files()[0].id
    assert (world.calls("files.create"), world.calls("files.list"), len(world.files())) == (1, 1, 1)
    assert world.calls("jobs.create") == 1


@each({"reset": LOST["reset"], "500": LOST["500"], "empty": LOST["empty"]} | REFUSED_FOR_NOW)
async def test_an_upload_that_came_to_nothing_is_repeated(world: World, fault: Fault) -> None:
    """After a look whether the file is there already."""
    world.fault(at("files.create", fault))
    created = await world.create()
    await world.work()
    assert world.calls("jobs.create") == 0
    world.advance(1)
    await world.work()
    assert (world.calls("files.create"), world.calls("files.list"), len(world.files())) == (2, 1, 1)
    assert (await world.read(created)).finetuning_job_id is not None


async def changed_after_a_lost_upload(world: World) -> Finetuning:
    """Return a finetuning with a golden record added after an upload with a lost reply."""
    world.fault(at("files.create", LOST_BUT_APPLIED["reset"]))
    created = await world.create()
    await world.work()
    added = [NewGoldenRecord(prompt_text="How many authors?", sql="SELECT count(*) FROM author")]
    await add_golden_records(str(created.db_connection_id), added, caller=world.caller, sql_check=UNCHECKED)
    world.advance(1)
    return created


async def test_a_file_with_other_golden_records_is_replaced(world: World) -> None:
    """The dataset decides on the training, and nothing else is left at the provider."""
    created = await changed_after_a_lost_upload(world)
    stale = world.files()[0]
    await world.work()
    after = await world.read(created)
    assert after.dataset is not None
    assert after.dataset.record_count == 11
    assert [file.id for file in world.files()] == [after.finetuning_file_id]
    assert after.finetuning_file_id != stale.id


async def test_who_has_lost_the_lease_removes_nothing(world: World) -> None:
    """By then the file may be one that the new holder has found and uses."""
    created = await changed_after_a_lost_upload(world)
    stale = world.files()[0]

    async def overtake() -> None:
        world.clock.advance(world.engine.timing.lease_s)
        assert await world.engine.store.claim(created.id, token="new") is not None

    interrupted = Interrupted(at=3, interruption=overtake)
    await work_once(interrupted.engine(world.engine))
    assert interrupted.calls[1:3] == ["find_training_files", "renew"]
    assert world.files() == [stale]
    assert (world.calls("files.delete"), world.calls("files.create")) == (0, 1)


@each({"hang": SILENT["hang"], "drip": SILENT["drip"]})
async def test_a_silent_upload_is_found_by_its_name(hasty_world: World, fault: Fault) -> None:
    """A file that was stored without an answer is used."""
    world = hasty_world
    world.fault(at("files.create", fault))
    created = await world.create()
    await world.drain(seconds=80)
    assert (await world.read(created)).status is FinetuningStatus.SUCCEEDED
    assert (world.calls("files.create"), len(world.files())) == (1, 1)


@each(REFUSED)
async def test_a_refused_upload_fails_the_finetuning(world: World, fault: Fault) -> None:
    """With the provider's words, and without any job."""
    world.fault(at("files.create", fault))
    created = await world.create()
    await world.drain(seconds=30)
    failed = await world.read(created)
    assert failed.status is FinetuningStatus.FAILED
    assert failed.error == (
        f"The provider refused the request ({fault.status}): The sandbox was told to refuse this call."
    )
    assert (failed.due_at, failed.leftover_file, failed.finetuning_file_id) == (None, None, None)
    assert (world.calls("files.create"), world.calls("jobs.create")) == (1, 0)


async def test_an_unreachable_provider_delays_the_upload(world: World) -> None:
    """Nothing is given up without an answer."""
    await world.server.stop()
    created = await world.create()
    await world.drain(seconds=300)
    waiting = await world.read(created)
    assert (waiting.status, waiting.error) == (FinetuningStatus.QUEUED, None)
    assert waiting.faults >= 8
    await world.server.start()
    await world.drain(seconds=140)
    assert (await world.read(created)).status is FinetuningStatus.SUCCEEDED
    assert (world.calls("files.create"), world.calls("jobs.create")) == (1, 1)


@pytest.mark.parametrize("document", [DbConnection, GoldenRecord])
async def test_a_catalogue_that_is_gone_fails_the_finetuning(
    world: World, document: type[DbConnection] | type[GoldenRecord]
) -> None:
    """Nothing can be trained any more, and the provider is not asked."""
    created = await world.create()
    await document.find_all().delete()
    await world.work()
    failed = await world.read(created)
    assert failed.status is FinetuningStatus.FAILED
    expected = {
        DbConnection: f"There is no database connection {created.db_connection_id}.",
        GoldenRecord: "At least 10 golden records are needed, 0 were found.",
    }
    assert failed.error == expected[document]
    assert (failed.due_at, failed.dataset) == (None, None)
    assert world.sandbox.calls.find() == []


async def test_a_cancel_after_the_upload_removes_the_file(world: World) -> None:
    """The cancel is answered without the provider; the file goes with the worker's next pass."""
    finetuning = await uploaded(world)
    calls = len(world.sandbox.calls.find())
    cancelled = await world.cancel(finetuning)
    assert (cancelled.status, cancelled.finetuning_file_id) == (FinetuningStatus.CANCELLED, None)
    assert len(world.sandbox.calls.find()) == calls
    await world.work()
    after = await world.read(finetuning)
    assert (after.leftover_file, after.due_at, world.files()) == (None, None, [])
    assert after.timeline[-1].kind is FinetuningEventKind.FILE_REMOVED
    assert (world.calls("files.delete"), world.calls("jobs.create")) == (1, 1)


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "lost"])
async def test_a_cancel_during_the_upload_removes_the_file(world: World, answered: bool) -> None:
    """The cancel is answered at once; the uploading worker removes its own file."""
    world.fault(Fault(kind=FaultKind.HANG, operation="files.create", applied=True))
    created = await world.create()
    working = asyncio.create_task(world.work())
    await world.seen("files.create")
    cancelled = await world.cancel(created)
    assert (cancelled.status, cancelled.finetuning_file_id) == (FinetuningStatus.CANCELLED, None)
    assert len(world.files()) == 1
    if answered:
        world.sandbox.faults.release()
    else:
        await world.server.stop()
        await world.server.start()
    await working
    after = await world.read(created)
    assert (after.status, after.leftover_file, after.lease) == (FinetuningStatus.CANCELLED, None, None)
    assert (world.files(), world.jobs(), after.finetuning_file_id) == ([], [], None)
    assert after.finished_at == cancelled.finished_at


@each({"reset": LOST["reset"], "500": LOST["500"], "lost": LOST_BUT_APPLIED["reset"]} | REFUSED_FOR_NOW)
async def test_a_removal_that_failed_is_tried_again(world: World, fault: Fault) -> None:
    """The finetuning stays cancelled meanwhile; a file already gone is no failure."""
    finetuning = await uploaded(world)
    await world.cancel(finetuning)
    world.fault(at("files.delete", fault))
    await world.work()
    waiting = await world.read(finetuning)
    assert (waiting.status, waiting.faults) == (FinetuningStatus.CANCELLED, 1)
    assert waiting.leftover_file is not None
    assert waiting.cancellation is not None
    assert (waiting.cancellation.attempts, waiting.cancellation.last_error) == (0, None)
    world.advance(1)
    await world.work()
    after = await world.read(finetuning)
    assert (after.leftover_file, after.due_at, world.files()) == (None, None, [])
    assert world.calls("files.delete") == 2


async def test_a_removal_that_never_succeeds_is_given_up(world: World) -> None:
    """The finetuning is at rest after some twenty tries, and still names the file that is left."""
    finetuning = await uploaded(world)
    await world.cancel(finetuning)
    world.fault(at("files.delete", LOST["500"], times=None))
    await world.drain(seconds=2400, step_s=20)
    after = await world.read(finetuning)
    assert (after.status, after.due_at) == (FinetuningStatus.CANCELLED, None)
    assert after.leftover_file is not None
    assert after.leftover_file.file_id == world.files()[0].id
    assert MOST_REMOVAL_FAULTS <= world.calls("files.delete") <= MOST_REMOVAL_FAULTS + 1


async def test_the_file_of_a_job_is_not_removed(world: World) -> None:
    """The file of a job stays, also when the job is cancelled."""
    training = await world.created_and_training()
    await world.cancel(training)
    await world.drain(seconds=120)
    assert [file.id for file in world.files()] == [training.finetuning_file_id]
    assert world.calls("files.delete") == 0
