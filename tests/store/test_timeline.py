"""The timeline stays bounded.

The important entries are always in it.
"""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from exploration.memory_collection import MemoryCollection
from exploration.samples import DATASET, job
from graphql_api.documents import (
    MOST_ENTRIES,
    CancellationPhase,
    Finetuning,
    FinetuningEvent,
    FinetuningEventKind,
    FinetuningStatus,
)
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.tenancy import TenantScope
from tests.stages import ASKED, STEPS, Stage, ask, held_at, raw
from tests.world import StoreClock, World

FLAPS = 1_000
Kind = FinetuningEventKind


@pytest.mark.usefixtures("untraced")
async def test_a_flapping_provider_leaves_a_bounded_document(world: World) -> None:
    """After a thousand faults the cancel is told all the same: its caller, and its end."""
    clock, created = StoreClock(), await world.create()
    memory = MemoryCollection()
    memory.insert(await raw(world, created))
    store = FinetuningStore(LeasedFinetunings(cast("Any", memory), owner="tests", lease_s=60, now=clock.now))
    held = await store.claim(created.id, token="mine")
    for step in STEPS.values():
        assert held is not None
        held = await step(store, held)
    for _ in range(FLAPS):
        assert held is not None
        faulty = await store.record_fault(held, "The provider is away", due_in_s=0)
        assert faulty is not None
        held = await store.claim(created.id, token="mine") or faulty
        synced = await store.record_sync(held, job(), status=FinetuningStatus.RUNNING, due_in_s=0)
        assert synced is not None
        held = await store.claim(created.id, token="mine") or synced
    assert held is not None
    assert len(held.timeline) == MOST_ENTRIES
    asked = await store.request_cancel(created.id, scope=TenantScope.of(created), request=ASKED, token="mine")
    assert asked is not None
    closed = await store.close(asked, FinetuningStatus.CANCELLED, phase=CancellationPhase.CONFIRMED)
    assert closed is not None
    assert [(entry.kind, entry.actor, entry.status) for entry in closed.timeline[MOST_ENTRIES:]] == [
        (Kind.CANCEL_REQUESTED, "ada", None),
        (Kind.STATUS_CHANGED, None, FinetuningStatus.CANCELLED),
    ]
    assert closed.timeline[:MOST_ENTRIES] == held.timeline


async def full(world: World, held: Finetuning, *, room: int = 0) -> int:
    """Fill the timeline up to the limit, but for ``room`` entries, and return how many there are."""
    entry = FinetuningEvent(at=datetime.now(UTC), kind=Kind.PROVIDER_FAULT).model_dump()
    entries = [entry] * (MOST_ENTRIES - room)
    await world.database["finetunings"].update_one({"_id": held.id}, {"$set": {"timeline": entries}})
    return len(entries)


@pytest.mark.parametrize("room", [0, 1])
async def test_what_can_repeat_is_told_while_there_is_room(world: World, room: int) -> None:
    """The last free place is taken, and then no more; the fact itself is stored all the same."""
    store = world.engine.store
    held = await held_at(world, Stage.ATTACHED)
    before = await full(world, held, room=room)
    faulty = await store.record_fault(held, "away", due_in_s=0)
    assert faulty is not None
    assert (faulty.faults, len(faulty.timeline)) == (1, before + room)
    held = await store.claim(held.id, token="again") or held
    synced = await store.record_sync(held, job(), status=FinetuningStatus.RUNNING, due_in_s=0)
    assert synced is not None
    assert (synced.status, len(synced.timeline)) == (FinetuningStatus.RUNNING, MOST_ENTRIES)
    renamed = await store.update(
        held.id, scope=TenantScope.of(held), fields={"alias": "new"}, updated_by="ada"
    )
    assert renamed is not None
    assert (renamed.alias, len(renamed.timeline)) == ("new", MOST_ENTRIES)


@pytest.mark.parametrize("stage", [Stage.CREATED, Stage.UPLOADED])
async def test_in_a_full_timeline_a_preparation_goes_on_untold(world: World, stage: Stage) -> None:
    """The dataset, the file and the mark of the create call are stored without entries."""
    store = world.engine.store
    held = await held_at(world, stage)
    await full(world, held)
    if stage is Stage.CREATED:
        held = await store.freeze_dataset(held, DATASET) or held
        held = await store.attach_file(held, "file-1") or held
    held = await store.mark_submitting(held) or held
    held = await store.withdraw_submission(held, reason="refused") or held
    assert (held.finetuning_file_id, held.submission) == ("file-1", None)
    assert len(held.timeline) == MOST_ENTRIES


async def test_what_comes_once_is_always_told(world: World) -> None:
    """The job, the cancel, that it is overdue, its end, and the deletion."""
    store = world.engine.store
    held = await held_at(world, Stage.MARKED)
    await full(world, held)
    attached = await store.attach_job(held, job())
    assert attached is not None
    await ask(world, attached)
    world.clock.advance(1)
    assert await world.engine.upkeep.mark_overdue(older_than_s=0) is not None
    asked = await store.request_delete(held.id, scope=TenantScope.of(held), requested_by="bob", token="bob")
    assert asked is not None
    held = attached.model_copy(update={"wanted": asked.wanted, "cancellation": asked.cancellation})
    closed = await store.close(held, FinetuningStatus.FAILED, error="over")
    assert closed is not None
    taken = await store.claim(held.id, token="last")
    assert taken is not None
    buried = await store.bury(taken)
    assert buried is not None
    assert [entry.kind for entry in buried.timeline[MOST_ENTRIES:]] == [
        Kind.JOB_ATTACHED,
        Kind.CANCEL_REQUESTED,
        Kind.CANCEL_OVERDUE,
        Kind.DELETE_REQUESTED,
        Kind.STATUS_CHANGED,
        Kind.DELETED,
    ]


async def test_an_orphan_is_told_once_even_in_a_full_timeline(world: World) -> None:
    """And known for good, so it is never taken for the finetuning's own."""
    held = await held_at(world, Stage.ATTACHED)
    before = await full(world, held)
    for _ in range(3):
        noted = await world.engine.upkeep.record_orphan(held.id, "ftjob-other", "stopped it")
        assert noted is not None
        assert noted.orphaned_jobs == ["ftjob-other"]
        assert [(one.kind, one.message) for one in noted.timeline[before:]] == [
            (Kind.ORPHAN_STOPPED, "stopped it")
        ]
