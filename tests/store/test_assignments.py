"""The assignments of a turn.

They are faults, attempts, and their remains.
"""

from datetime import timedelta

import pytest

from exploration.samples import job
from graphql_api.documents import Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.store.assignments import attempt, faulted, learnt, undecided, under_way
from graphql_api.store.expressions import Fields
from tests.stages import HOLDER, Stage, ask, held_at
from tests.world import World


async def test_a_fault_is_told_once_in_the_timeline(world: World) -> None:
    """A provider down for hours leaves one event, and a growing count."""
    store = world.engine.store
    held = await held_at(world, Stage.ATTACHED)
    for _ in range(3):
        assert await store.record_fault(held, "down", due_in_s=0) is not None
        again = await store.claim(held.id, token=HOLDER)
        assert again is not None
    after = await world.read(held)
    assert after.faults == 3
    assert [event.kind for event in after.timeline].count(FinetuningEventKind.PROVIDER_FAULT) == 1


async def assigned(world: World, held: Finetuning, fields: Fields) -> Finetuning:
    """Let MongoDB make these assignments, and return the result."""
    await world.database["finetunings"].update_one({"_id": held.id}, [{"$set": fields}])
    return await world.read(held)


async def wanted_stopped(world: World, stage: Stage) -> Finetuning:
    """Return a finetuning at this stage with a wanted cancel."""
    return await ask(world, await held_at(world, stage))


@pytest.mark.parametrize(("asked", "attempts"), [(True, 1), (False, 0)])
async def test_an_attempt_counts_if_the_provider_was_asked(world: World, asked: bool, attempts: int) -> None:
    """A look alone does not count; the reason is kept in either case."""
    held = await wanted_stopped(world, Stage.ATTACHED)
    after = await assigned(world, held, attempt(held, error="$down", asked=asked))
    assert after.cancellation is not None
    assert (after.cancellation.attempts, after.cancellation.last_error) == (attempts, "$down")


async def test_without_a_wanted_cancel_there_is_no_attempt(world: World) -> None:
    """Neither in training, nor after an end."""
    training = await held_at(world, Stage.ATTACHED)
    assert attempt(training, error="down") == {}
    over = (await ask(world, training)).model_copy(update={"status": FinetuningStatus.SUCCEEDED})
    assert attempt(over, error="down") == {}
    assert under_way(training, job(status="cancelled"), world.clock.now(), asked=True) == {}


async def test_a_cancel_is_under_way_from_the_last_request_on(world: World) -> None:
    """A look keeps the time, a new request starts it again, and other news ends it."""
    held = await wanted_stopped(world, Stage.ATTACHED)
    since = []
    for word, asked in [("cancelled", False), ("cancelled", False), ("cancelled", True), ("running", False)]:
        world.clock.advance(1)
        fields = under_way(held, job(status=word), world.clock.now(), asked=asked)
        after = await assigned(world, held, fields)
        assert after.cancellation is not None
        since.append(after.cancellation.under_way_since)
    now = world.clock.now()
    assert since == [now - timedelta(seconds=3), now - timedelta(seconds=3), now - timedelta(seconds=1), None]


async def test_an_open_look_keeps_the_create_calls_fault(world: World) -> None:
    """It counts as no fault of its own: the number of attempts stays, one at least."""
    held, now = await held_at(world, Stage.MARKED), world.clock.now()
    first = await assigned(world, held, undecided("no answer", now))
    assert first.last_fault is not None
    assert (first.last_fault.message, first.last_fault.attempts, first.faults) == ("no answer", 1, 0)
    for _ in range(2):
        await assigned(world, held, faulted("down", now, request_id="req-1"))
    after = await assigned(world, held, undecided("no answer", now))
    assert after.last_fault is not None
    assert (after.last_fault.attempts, after.last_fault.request_id, after.faults) == (3, None, 2)


async def test_marks_that_were_missing_stay_lost(world: World) -> None:
    """A job without them changes nothing; one with them is no proof after the first miss."""
    held, now = await held_at(world, Stage.ATTACHED), world.clock.now()
    marks = {"finetuning_id": str(held.id), "finetuning_deployment": "a"}
    assert (await assigned(world, held, learnt(held, job(), now))).marks_kept is None
    assert (await assigned(world, held, learnt(held, job(metadata=marks), now))).marks_kept is True
    await world.database["finetunings"].update_one({"_id": held.id}, {"$set": {"marks_kept": False}})
    assert (await assigned(world, held, learnt(held, job(metadata=marks), now))).marks_kept is False
