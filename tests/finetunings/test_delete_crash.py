"""Deletions with a crash or a late holder at any call.

Each ends with nothing left anywhere.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.engine.engine import Engine
from graphql_api.errors import FinetuningNotFoundError
from graphql_api.finetunings.cancel import cancel
from graphql_api.finetunings.delete import delete
from graphql_api.sandbox.faults import Fault
from tests.engine.test_crash import ENDLESS, FAULTS, creates, files, points, see_through
from tests.interruptions import Crash, Interrupted, Interruption, crash
from tests.stages import Stage, held_at, raw
from tests.world import World

pytestmark = pytest.mark.usefixtures("untraced")  # every scenario is run once for each of its calls


@pytest.fixture
def world(calm_world: World) -> World:
    """Yield a world for short walks, with jobs without an end of their own."""
    calm_world.sandbox.account.durations = ENDLESS
    return calm_world


with_each_fault = pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())


async def ask(world: World, finetuning: Finetuning, *, engine: Engine | None = None) -> Finetuning:
    """Delete as the world's caller."""
    return await delete(str(finetuning.id), caller=world.caller, engine=engine or world.engine)


async def assert_gone(world: World, finetuning: Finetuning) -> None:
    """Assert that a tombstone is left, that one job at most was made, and that nothing is left of it."""
    after = await world.read(finetuning)
    assert after.deletion is not None
    assert after.deletion.deleted_at is not None
    assert after.status is FinetuningStatus.CANCELLED
    assert creates(world, after) <= 1
    assert (world.live_jobs(), files(world, after)) == ([], [])
    assert (after.due_at, after.lease, after.leftover_file) == (None, None, None)
    assert [event.kind.value for event in after.timeline].count("deleted") == 1
    with pytest.raises(FinetuningNotFoundError):
        await world.cancel(finetuning)


@with_each_fault
async def test_a_delete_after_a_crash_at_any_call_leaves_nothing(world: World, faults: list[Fault]) -> None:
    """The deletion meets the lease of a dead holder, and is carried out all the same."""
    async for created, interrupted in points(world, faults, lambda _: crash):
        with pytest.raises(Crash):
            await see_through(world, interrupted.engine(world.engine), created)
        await ask(world, created)
        await see_through(world, world.engine, created)
        await assert_gone(world, created)


@with_each_fault
async def test_a_delete_at_any_call_of_the_holder_leaves_nothing(world: World, faults: list[Fault]) -> None:
    """The holder is alive and goes on right after the delete was answered: it undoes nothing."""

    def deleting(created: Finetuning) -> Interruption:
        async def interrupt() -> None:
            await ask(world, created)

        return interrupt

    async for created, interrupted in points(world, faults, deleting):
        await see_through(world, interrupted.engine(world.engine), created)
        await assert_gone(world, created)


async def test_a_delete_that_crashes_at_any_call_is_carried_out(world: World) -> None:
    """After the request is stored nothing is left in the end; before this nothing was promised."""
    calls = [
        "request_delete",
        "cancel_job",
        "retrieve_job",
        "close",
        "claim",
        "delete_training_file",
        "bury",
    ]
    for number in range(1, len(calls) + 1):
        training = await world.created_and_training()
        interrupted = Interrupted(at=number, interruption=crash)
        with pytest.raises(Crash):
            await ask(world, training, engine=interrupted.engine(world.engine))
        assert interrupted.calls == calls[:number]
        if number == 1:
            assert await world.read(training) == training
            await ask(world, training)
        await see_through(world, world.engine, training)
        await assert_gone(world, training)
        assert creates(world, training) == 1


async def test_a_delete_at_any_call_of_a_cancel_is_carried_out(world: World) -> None:
    """The cancel's holder believes that nothing more is wanted, and may not end its turn so."""
    for number in range(1, 5):
        training = await world.created_and_training()

        async def delete_between(training: Finetuning = training) -> None:
            await ask(world, training)

        interrupted = Interrupted(at=number, interruption=delete_between)
        engine = interrupted.engine(world.engine)
        with suppress(FinetuningNotFoundError):
            await cancel(str(training.id), metadata=None, caller=world.caller, engine=engine)
        assert interrupted.happened
        await see_through(world, world.engine, training)
        await assert_gone(world, training)


async def test_a_deletion_that_sleeps_through_another_repeats_nothing(world: World) -> None:
    """It wakes up after another has deleted the finetuning, at each of its calls, and changes nothing."""
    for number in range(2, 8):
        training = await world.created_and_training()
        ends: list[object] = []

        async def sleep_through(training: Finetuning = training, ends: list[object] = ends) -> None:
            world.advance(world.engine.timing.lease_s)
            await ask(world, training)
            await see_through(world, world.engine, training)
            ends.append(await raw(world, training))

        interrupted = Interrupted(at=number, interruption=sleep_through)
        await ask(world, training, engine=interrupted.engine(world.engine))
        assert [await raw(world, training)] == ends
        await assert_gone(world, training)


LateWrite = Callable[[World, Finetuning], Awaitable[Finetuning | None]]
LATE_WRITES: dict[Stage, LateWrite] = {
    Stage.CREATED: lambda world, held: world.engine.store.attach_file(held, "file-late"),
    Stage.UPLOADED: lambda world, held: world.engine.store.mark_submitting(held),
    Stage.MARKED: lambda world, held: world.engine.store.record_fault(held, "late", due_in_s=1),
    Stage.ATTACHED: lambda world, held: world.engine.store.record_wait(held, due_in_s=1),
}


@pytest.mark.parametrize("stage", LATE_WRITES)
async def test_a_late_holder_resurrects_nothing(world: World, stage: Stage) -> None:
    """A holder without its lease before the end writes nothing into the tombstone."""
    held = await held_at(world, stage)
    world.advance(world.engine.timing.lease_s)
    world.engine = replace(world.engine, timing=replace(world.engine.timing, grace_s=0))
    await ask(world, held)
    await world.drain(seconds=300, step_s=30)
    before = await raw(world, held)
    assert before["deletion"]["deleted_at"] is not None
    assert await LATE_WRITES[stage](world, held) is None
    assert await raw(world, held) == before
    assert await world.work() == 0
