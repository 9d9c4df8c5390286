"""The record of a cancel: one atomic write.

It treats each kind of finetuning by its row of the table.
"""

import asyncio
from datetime import timedelta

import pytest

from exploration.samples import FILE
from graphql_api.documents import (
    CANCELLED_BY_USER,
    CancellationPhase,
    FinetuningEventKind,
    FinetuningStatus,
    Wanted,
)
from graphql_api.store.intent import CancelRequest
from graphql_api.tenancy import TenantScope
from tests.stages import HOLDER, Stage, ask, held_at, let_go_at, raw
from tests.world import World

BEFORE_SUBMISSION = [Stage.CREATED, Stage.FROZEN, Stage.UPLOADED]
AFTER_THE_MARK = [Stage.MARKED, Stage.ATTACHED]


@pytest.mark.parametrize("held", [True, False], ids=["held", "free"])
@pytest.mark.parametrize("stage", BEFORE_SUBMISSION, ids=lambda stage: stage.name.lower())
async def test_what_is_only_ours_is_closed_in_the_same_write(world: World, stage: Stage, held: bool) -> None:
    """Without a create call nothing can be training: confirmed at once, under any lease.

    The lease stays if a holder may still bring a file.
    """
    finetuning = await (held_at if held else let_go_at)(world, stage)
    world.clock.advance(3)
    asked = await ask(world, finetuning)
    now = world.clock.now()

    assert (asked.status, asked.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert (asked.finished_at, asked.updated_at, asked.wanted) == (now, now, Wanted.CANCEL)
    assert (asked.finetuning_file_id, asked.finetuning_job_id, asked.model_id) == (None, None, None)
    assert asked.cancellation is not None
    assert asked.cancellation.model_dump(exclude_none=True) == {
        "phase": CancellationPhase.CONFIRMED,
        "requested_at": now,
        "confirmed_at": now,
        "requested_by": "ada",
        "attempts": 0,
    }
    told = [(event.kind, event.status, event.actor) for event in asked.timeline[-2:]]
    assert told == [
        (FinetuningEventKind.CANCEL_REQUESTED, None, "ada"),
        (FinetuningEventKind.STATUS_CHANGED, FinetuningStatus.CANCELLED, None),
    ]
    assert asked.lease == (finetuning.lease if finetuning.dataset else None)


@pytest.mark.parametrize(
    ("stage", "leftover"),
    [(Stage.CREATED, None), (Stage.FROZEN, {"file_id": None}), (Stage.UPLOADED, {"file_id": FILE})],
    ids=["created", "frozen", "uploaded"],
)
async def test_a_file_that_may_exist_is_left_to_be_removed(
    world: World, stage: Stage, leftover: dict[str, str | None] | None
) -> None:
    """A known file goes by its id, one amid its upload by its name; else nothing is due."""
    asked = await ask(world, await let_go_at(world, stage))
    assert (asked.leftover_file and asked.leftover_file.model_dump()) == leftover
    assert asked.due_at == (world.clock.now() if leftover else None)


@pytest.mark.parametrize("stage", AFTER_THE_MARK, ids=lambda stage: stage.name.lower())
async def test_a_free_lease_goes_to_whoever_asks_even_if_nothing_was_due(world: World, stage: Stage) -> None:
    """The first request takes the lease together with the intent, in one write."""
    waiting = await let_go_at(world, stage)
    asked = await ask(world, waiting)
    assert asked.lease is not None
    assert asked.lease.token == "asker"
    assert asked.due_at == asked.lease.expires_at == world.clock.now() + timedelta(seconds=60)
    assert (asked.status, asked.wanted) == (waiting.status, Wanted.CANCEL)
    assert asked.cancellation is not None
    assert asked.cancellation.phase is CancellationPhase.REQUESTED
    assert (asked.cancellation.confirmed_at, asked.finished_at, asked.error) == (None, None, None)
    assert asked.finetuning_file_id == FILE
    assert asked.leftover_file is None


@pytest.mark.parametrize("stage", AFTER_THE_MARK, ids=lambda stage: stage.name.lower())
async def test_a_held_lease_stays_with_its_holder(world: World, stage: Stage) -> None:
    """The intent is stored all the same; the holder finds it with its next write."""
    held = await held_at(world, stage)
    asked = await ask(world, held)
    assert asked.lease == held.lease
    assert asked.due_at == held.due_at
    assert asked.wanted is Wanted.CANCEL


async def test_an_expired_lease_is_free(world: World) -> None:
    """The caller takes over from a silent holder."""
    held = await held_at(world, Stage.ATTACHED)
    world.clock.advance(59.999)
    assert (await ask(world, held)).lease == held.lease
    another = await held_at(world, Stage.ATTACHED)
    world.clock.advance(60)
    asked = await ask(world, another)
    assert asked.lease is not None
    assert asked.lease.token == "asker"


async def test_a_repeated_request_changes_nothing_while_nothing_is_due(world: World) -> None:
    """The first request stands, with its time, its asker and its metadata; the backoff is respected."""
    store = world.engine.store
    asked = await ask(world, await let_go_at(world, Stage.ATTACHED))
    assert await store.record_fault(asked, "down", due_in_s=30) is not None
    before = await raw(world, asked)
    world.clock.advance(29)
    request = CancelRequest(metadata={"reason": "again"}, requested_by="bob")
    again = await store.request_cancel(asked.id, scope=TenantScope.of(asked), request=request, token="bob")
    assert again is not None
    assert await raw(world, asked) == before


async def test_a_repeated_request_takes_the_lease_once_it_is_due(world: World) -> None:
    """Asking again helps when it is time to try again, and still is the same request."""
    store = world.engine.store
    asked = await ask(world, await let_go_at(world, Stage.ATTACHED))
    faulty = await store.record_fault(asked, "down", due_in_s=30)
    world.clock.advance(30)
    again = await ask(world, asked, token="again")
    assert faulty is not None
    assert again.lease is not None
    assert again.lease.token == "again"
    assert again.model_dump(exclude={"lease", "due_at"}) == faulty.model_dump(exclude={"lease", "due_at"})
    assert (await ask(world, asked, token="third")).lease == again.lease


async def test_of_requests_at_once_one_is_recorded(world: World) -> None:
    """Ten requests, one intent, one event, one lease, and ten equal answers."""
    for stage in (Stage.UPLOADED, Stage.ATTACHED):
        waiting = await let_go_at(world, stage)
        answers = await asyncio.gather(*[ask(world, waiting, token=str(n)) for n in range(10)])
        after = await world.read(waiting)
        assert all(answer == after for answer in answers)
        kinds = [event.kind for event in after.timeline]
        assert kinds.count(FinetuningEventKind.CANCEL_REQUESTED) == 1


async def test_a_first_request_starts_the_count_of_faults_afresh(world: World) -> None:
    """A provider that failed at training for hours does not delay the first try to cancel."""
    held = await held_at(world, Stage.ATTACHED)
    faulty = await world.engine.store.record_fault(held, "down", due_in_s=60)
    assert faulty is not None
    assert faulty.faults == 1
    assert (await ask(world, faulty)).faults == 0


async def test_another_tenants_request_changes_nothing(world: World) -> None:
    """For another tenant the finetuning does not exist."""
    waiting = await let_go_at(world, Stage.CREATED)
    before = await raw(world, waiting)
    request = CancelRequest(metadata=None, requested_by=None)
    asked = await world.engine.store.request_cancel(
        waiting.id, scope=TenantScope("b"), request=request, token="x"
    )
    assert asked is None
    assert await raw(world, waiting) == before


@pytest.mark.parametrize(
    ("stored", "given", "merged"),
    [
        (None, None, None),
        (None, {}, None),
        ({"a": "1"}, None, {"a": "1"}),
        (None, {"a": "2"}, {"a": "2"}),
        ({"a": "1", "b": "1"}, {"a": "2", "c": "3"}, {"a": "2", "b": "1", "c": "3"}),
    ],
)
async def test_the_requests_metadata_is_laid_over_the_finetunings(
    world: World,
    stored: dict[str, str] | None,
    given: dict[str, str] | None,
    merged: dict[str, str] | None,
) -> None:
    """Its keys win, and it is kept by itself as well."""
    created = await world.create(metadata=stored)
    request = CancelRequest(metadata=given, requested_by=None)
    asked = await world.engine.store.request_cancel(
        created.id, scope=TenantScope.of(created), request=request, token="x"
    )
    assert asked is not None
    assert asked.cancellation is not None
    assert asked.cancellation.metadata == given
    assert asked.metadata == merged


async def test_the_holder_can_tell_that_a_cancel_came(world: World) -> None:
    """Its next keeping write succeeds and brings back the present wish."""
    held = await held_at(world, Stage.MARKED)
    await ask(world, held)
    withdrawn = await world.engine.store.withdraw_submission(held, reason="refused")
    assert withdrawn is not None
    assert withdrawn.lease is not None
    assert withdrawn.lease.token == HOLDER
    assert withdrawn.wanted is Wanted.CANCEL
