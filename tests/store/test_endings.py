"""The ends of finetunings, and the work after them."""

from datetime import timedelta

import pytest

from exploration.samples import FILE, job
from graphql_api.documents import CancellationPhase, Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.providers.port import ProviderFault
from graphql_api.tenancy import TenantScope
from tests.stages import HOLDER, Stage, ask, held_at, raw
from tests.world import World


async def claimed(world: World, finetuning: Finetuning) -> Finetuning:
    """Return the due finetuning, held again."""
    held = await world.engine.store.claim(finetuning.id, token=HOLDER)
    assert held is not None
    return held


async def failed_at(world: World, stage: Stage) -> Finetuning:
    """Return a finetuning that failed at this stage."""
    closed = await world.engine.store.close(
        await held_at(world, stage), FinetuningStatus.FAILED, error="refused"
    )
    assert closed is not None
    assert (closed.status, closed.error, closed.lease) == (FinetuningStatus.FAILED, "refused", None)
    assert closed.finished_at == world.clock.now()
    return closed


@pytest.mark.parametrize(
    ("stage", "in_doubt"),
    [(Stage.FROZEN, False), (Stage.UPLOADED, False), (Stage.MARKED, True), (Stage.ATTACHED, False)],
)
async def test_an_end_during_a_create_call_is_in_doubt(world: World, stage: Stage, in_doubt: bool) -> None:
    """Between the mark and the job's id it is unknown whether the provider has a job."""
    assert (await failed_at(world, stage)).unanswered_create is in_doubt


async def test_an_end_without_a_job_leaves_a_file_to_remove(world: World) -> None:
    """It is due at once for this, and done for good after the removal."""
    closed = await failed_at(world, Stage.UPLOADED)
    assert closed.leftover_file is not None
    assert (closed.leftover_file.file_id, closed.finetuning_file_id) == (FILE, None)
    assert closed.due_at == world.clock.now()
    removed = await world.engine.store.forget_leftover(await claimed(world, closed))
    assert removed is not None
    assert (removed.leftover_file, removed.due_at, removed.lease) == (None, None, None)
    assert removed.timeline[-1].kind is FinetuningEventKind.FILE_REMOVED


@pytest.mark.parametrize("stage", [Stage.CREATED, Stage.ATTACHED])
async def test_an_end_without_a_leftover_is_never_due(world: World, stage: Stage) -> None:
    """Before the upload there is no file, and that of a job stays."""
    closed = await failed_at(world, stage)
    assert (closed.leftover_file, closed.due_at) == (None, None)
    assert closed.finetuning_file_id == (FILE if stage is Stage.ATTACHED else None)


async def test_a_jobs_end_is_taken_over(world: World) -> None:
    """Its time and its numbers are the provider's, and its log is due for the last lines."""
    held = await held_at(world, Stage.ATTACHED)
    ended_at = world.clock.now() - timedelta(seconds=40)
    closed = await world.engine.store.close(
        held, FinetuningStatus.SUCCEEDED, job=job(model_id="ft:m", trained_tokens=7, finished_at=ended_at)
    )
    assert closed is not None
    assert (closed.finished_at, closed.model_id, closed.trained_tokens) == (ended_at, "ft:m", 7)
    assert closed.log_work is not None
    assert closed.log_work.due_at == world.clock.now()
    assert closed.timeline[-1].status is FinetuningStatus.SUCCEEDED


async def test_a_doubtful_end_keeps_the_fault(world: World) -> None:
    """The cancel is unconfirmed, with the provider's words as its reason."""
    held = await held_at(world, Stage.MARKED)
    await ask(world, held)
    held = await world.read(held)
    closed = await world.engine.store.close(
        held,
        FinetuningStatus.CANCELLED,
        phase=CancellationPhase.UNCONFIRMED,
        fault=ProviderFault("no answer", request_id="req-1"),
    )
    assert closed is not None
    assert closed.cancellation is not None
    assert closed.last_fault is not None
    told = closed.cancellation
    assert (told.phase, told.last_error, told.confirmed_at) == ("unconfirmed", "no answer", None)
    assert (closed.last_fault.message, closed.last_fault.request_id) == ("no answer", "req-1")


async def test_only_an_ended_finetuning_to_be_deleted_is_buried(world: World) -> None:
    """Its content goes, its ids and timeline stay."""
    store = world.engine.store
    held = await held_at(world, Stage.ATTACHED)
    before = await raw(world, held)
    assert await store.bury(held) is None
    assert await raw(world, held) == before
    await store.request_delete(held.id, scope=TenantScope.of(held), requested_by="ada", token="other")
    held = await world.read(held)
    assert await store.bury(held) is None
    closed = await store.close(held, FinetuningStatus.FAILED, error="over")
    assert closed is not None
    assert closed.due_at == world.clock.now()
    world.clock.advance(1)
    buried = await store.bury(await claimed(world, closed))
    assert buried is not None
    assert buried.deletion is not None
    assert buried.deletion.deleted_at == world.clock.now()
    assert (buried.dataset, buried.metadata, buried.golden_records, buried.log_work) == (None,) * 4
    assert (buried.finetuning_job_id, buried.finetuning_file_id) == ("ftjob-1", None)
    assert buried.timeline[-1].kind is FinetuningEventKind.DELETED
    assert len(buried.timeline) == len(closed.timeline) + 1


async def test_a_retired_finetuning_is_due_no_more(world: World) -> None:
    """Nothing else of it changes but its version."""
    closed = await failed_at(world, Stage.UPLOADED)
    held = await claimed(world, closed)
    retired = await world.engine.store.retire(held)
    assert retired is not None
    assert (retired.lease, retired.due_at, retired.version) == (None, None, held.version + 1)
    turn = {"lease", "due_at", "version", "updated_at"}
    assert retired.model_dump(exclude=turn) == closed.model_dump(exclude=turn)
