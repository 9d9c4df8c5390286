"""The store's operations, each with its filter.

A filter protects its write, and an end stays the end.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import product

import pytest

from exploration.samples import job
from graphql_api.documents import (
    TERMINAL,
    CancellationPhase,
    Finetuning,
    FinetuningStatus,
    Lease,
)
from graphql_api.store.finetunings import FinetuningStore
from tests.stages import HOLDER, STEPS, Stage, ask, ended, held_at, raw
from tests.world import World

Operation = Callable[[FinetuningStore, Finetuning], Awaitable[Finetuning | None]]

KEEPING: dict[str, Operation] = {
    "freeze_dataset": STEPS[Stage.FROZEN],
    "attach_file": lambda store, held: store.attach_file(held, "file-2"),
    "mark_submitting": STEPS[Stage.MARKED],
    "withdraw_submission": lambda store, held: store.withdraw_submission(held, reason="refused"),
    "attach_job": lambda store, held: store.attach_job(held, job("ftjob-2")),
}
RELEASING: dict[str, Operation] = {
    "record_sync": lambda store, held: store.record_sync(
        held, job(), status=FinetuningStatus.RUNNING, due_in_s=9
    ),
    "record_sync_of_an_unknown_word": lambda store, held: store.record_sync(
        held, job(status="paused"), status=None, due_in_s=9, error="no"
    ),
    "record_wait": lambda store, held: store.record_wait(held, due_in_s=9),
    "record_fault": lambda store, held: store.record_fault(held, "down", due_in_s=9, missing=True),
    "close_succeeded": lambda store, held: store.close(held, FinetuningStatus.SUCCEEDED, job=job()),
    "close_failed": lambda store, held: store.close(held, FinetuningStatus.FAILED, error="bad"),
    "close_cancelled": lambda store, held: store.close(
        held, FinetuningStatus.CANCELLED, phase=CancellationPhase.CONFIRMED
    ),
    "forget_leftover": lambda store, held: store.forget_leftover(held),
    "retire": lambda store, held: store.retire(held),
}
HOLDERS = KEEPING | RELEASING | {"release": lambda store, held: store.release(held)}

every_holders_operation = pytest.mark.parametrize("operation", HOLDERS.values(), ids=HOLDERS.keys())
every_releasing_operation = pytest.mark.parametrize("operation", RELEASING.values(), ids=RELEASING.keys())


@every_holders_operation
async def test_a_holder_that_lost_its_lease_writes_nothing(world: World, operation: Operation) -> None:
    """The token in every filter fences off a holder with an expired lease taken by another."""
    for stage in (Stage.FROZEN, Stage.MARKED, Stage.ATTACHED):
        late = await held_at(world, stage)
        world.clock.advance(world.engine.timing.lease_s)
        assert await world.engine.store.claim(late.id, token="another") is not None
        before = await raw(world, late)

        assert await operation(world.engine.store, late) is None
        assert await raw(world, late) == before


@every_holders_operation
async def test_a_late_holder_changes_nothing_of_an_ended_finetuning(
    world: World, operation: Operation
) -> None:
    """A snapshot from before the end, the right token included, is good for no write after the end."""
    for stage, status in product([Stage.FROZEN, Stage.MARKED, Stage.ATTACHED], sorted(TERMINAL)):
        stale = await held_at(world, stage)
        assert await world.engine.store.close(stale, status, error="over") is not None
        before = await raw(world, stale)

        assert await operation(world.engine.store, stale) is None
        assert await raw(world, stale) == before


@every_holders_operation
async def test_a_cancel_that_closed_a_held_finetuning_is_not_undone_by_the_holder(
    world: World, operation: Operation
) -> None:
    """The holder of the lease may note the file it has left behind and no more."""
    housekeeping = {"lease", "due_at", "updated_at", "version", "timeline", "leftover_file", "faults"}
    for stage in (Stage.CREATED, Stage.FROZEN, Stage.UPLOADED):
        held = await held_at(world, stage)
        cancelled = await ask(world, held)

        await operation(world.engine.store, held)
        after = await world.read(held)
        assert after.model_dump(exclude=housekeeping) == cancelled.model_dump(exclude=housekeeping)
        statuses = [event.status for event in after.timeline if event.status is not None]
        assert statuses == [FinetuningStatus.QUEUED, FinetuningStatus.CANCELLED]


@pytest.mark.parametrize("status", sorted(TERMINAL))
async def test_a_cancel_changes_nothing_of_an_ended_finetuning(
    world: World, status: FinetuningStatus
) -> None:
    """A cancel that comes after the end leaves no trace: no intent, no lease, no event."""
    closed = await ended(world, status)
    before = await raw(world, closed)
    world.clock.advance(3600)

    assert (await ask(world, closed)).status is status
    assert await raw(world, closed) == before
    assert await world.engine.store.claim(closed.id, token="another") is None
    assert await world.engine.store.claim_due(token="another") is None


@pytest.mark.parametrize("status", sorted(TERMINAL))
async def test_even_a_lease_does_not_reopen_an_ended_finetuning(
    world: World, status: FinetuningStatus
) -> None:
    """The status filter stands by itself: with a forged lease no operation changes status, job or mark."""
    for operation in [*KEEPING.values(), *RELEASING.values()]:
        closed = await ended(world, status)
        now = world.clock.now()
        forged = Lease(owner="x", token=HOLDER, taken_at=now, expires_at=now)
        await world.database["finetunings"].update_one(
            {"_id": closed.id}, {"$set": {"lease": forged.model_dump()}}
        )
        forgery = closed.model_copy(update={"lease": forged, "status": FinetuningStatus.RUNNING})

        await operation(world.engine.store, forgery)
        after = await world.read(closed)
        kept = {"status", "error", "finetuning_job_id", "submission", "finished_at", "model_id", "metadata"}
        assert after.model_dump(include=kept) == closed.model_dump(include=kept)


@every_releasing_operation
async def test_a_write_that_ends_a_turn_fails_once_a_cancel_is_wanted(
    world: World, operation: Operation
) -> None:
    """The cancel is not slept over: the holder has to look again, and still has its lease for that."""
    for stage in (Stage.MARKED, Stage.ATTACHED):
        held = await held_at(world, stage)
        await ask(world, held)
        before = await raw(world, held)

        assert await operation(world.engine.store, held) is None
        assert await raw(world, held) == before
        assert before["lease"]["token"] == HOLDER


async def test_a_mark_that_comes_after_a_cancel_is_refused(world: World) -> None:
    """Nothing is submitted once the cancel is stored: it had closed the finetuning."""
    held = await held_at(world, Stage.UPLOADED)
    await ask(world, held)
    assert await world.engine.store.mark_submitting(held) is None
    after = await world.read(held)
    assert (after.status, after.submission) == (FinetuningStatus.CANCELLED, None)


async def test_a_cancel_that_comes_after_the_mark_does_not_close(world: World) -> None:
    """A create call may be under way: the finetuning stays queued, with the intent stored."""
    held = await held_at(world, Stage.MARKED)
    asked = await ask(world, held)
    assert asked.status is FinetuningStatus.QUEUED
    assert asked.submission is not None
    assert asked.cancellation is not None
    assert asked.cancellation.phase is CancellationPhase.REQUESTED
    assert asked.finished_at is None


async def test_of_a_mark_and_a_cancel_at_once_exactly_one_comes_first(world: World) -> None:
    """Marked and closed exclude each other, however the two interleave."""
    for _ in range(10):
        held = await held_at(world, Stage.UPLOADED)
        marked, asked = await asyncio.gather(world.engine.store.mark_submitting(held), ask(world, held))
        after = await world.read(held)
        assert (marked is None) == (asked.status is FinetuningStatus.CANCELLED)
        assert (after.submission is None) == (after.status is FinetuningStatus.CANCELLED)


@pytest.mark.parametrize(
    ("stage", "operation"),
    [
        (Stage.CREATED, KEEPING["mark_submitting"]),
        (Stage.FROZEN, KEEPING["mark_submitting"]),
        (Stage.MARKED, KEEPING["mark_submitting"]),
        (Stage.ATTACHED, KEEPING["mark_submitting"]),
        (Stage.MARKED, KEEPING["freeze_dataset"]),
        (Stage.ATTACHED, KEEPING["freeze_dataset"]),
        (Stage.ATTACHED, KEEPING["attach_job"]),
        (Stage.ATTACHED, KEEPING["withdraw_submission"]),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Stage) else "operation",
)
async def test_an_operation_out_of_its_order_writes_nothing(
    world: World, stage: Stage, operation: Operation
) -> None:
    """No mark without a file or twice, no second job, no mark taken back once the job is known."""
    held = await held_at(world, stage)
    before = await raw(world, held)
    assert await operation(world.engine.store, held) is None
    assert await raw(world, held) == before


@pytest.mark.parametrize("stage", STEPS, ids=lambda stage: stage.name.lower())
async def test_keeping_writes_renew_the_lease_and_leave_one_event(world: World, stage: Stage) -> None:
    """A working holder has the lease for a full term from its latest write."""
    held = await held_at(world, Stage(stage - 1))
    world.clock.advance(7)
    kept = await STEPS[stage](world.engine.store, held)
    assert kept is not None
    assert kept.lease is not None
    assert held.lease is not None
    assert kept.lease.taken_at == held.lease.taken_at
    assert (kept.lease.expires_at - world.clock.now()).total_seconds() == world.engine.timing.lease_s
    assert (kept.due_at, kept.updated_at) == (kept.lease.expires_at, world.clock.now())
    assert len(kept.timeline) == len(held.timeline) + 1


async def test_a_sync_that_changes_nothing_leaves_no_event(world: World) -> None:
    """The timeline tells transitions, not polls."""
    store = world.engine.store
    held = await held_at(world, Stage.ATTACHED)
    for expected in (6, 6):
        synced = await store.record_sync(held, job(), status=FinetuningStatus.RUNNING, due_in_s=0)
        assert synced is not None
        assert len(synced.timeline) == expected
        assert await store.claim(held.id, token=HOLDER) is not None
