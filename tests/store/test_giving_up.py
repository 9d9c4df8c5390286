"""Giving up: a stuck finetuning ends at once.

The end is certain or in doubt.
"""

import pytest

from exploration.samples import FILE
from graphql_api.documents import CancellationPhase, Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.store.giving_up import GivingUp
from graphql_api.tenancy import TenantScope
from tests.stages import Stage, ask, held_at, raw
from tests.world import World

GIVING_UP = GivingUp(reason="$why", given_up_by="ada")
Kind = FinetuningEventKind


async def give_up(world: World, finetuning: Finetuning, *, tenant: str | None = None) -> Finetuning | None:
    """Give the finetuning up as this tenant, or as its own."""
    scope = TenantScope(tenant or finetuning.tenant)
    return await world.engine.store.give_up(finetuning.id, scope=scope, giving_up=GIVING_UP)


async def stuck_at(world: World, stage: Stage) -> Finetuning:
    """Return a finetuning at this stage with a failed last contact and a holder."""
    held = await held_at(world, stage)
    assert await world.engine.store.record_fault(held, "$down", due_in_s=0) is not None
    again = await world.engine.store.claim(held.id, token="holder")
    assert again is not None
    return again


@pytest.mark.parametrize("stage", list(Stage))
async def test_what_gets_on_is_not_given_up(world: World, stage: Stage) -> None:
    """It is neither wanted stopped nor faulty."""
    held = await held_at(world, stage)
    before = await raw(world, held)
    assert await give_up(world, held) is None
    assert await raw(world, held) == before


async def test_another_tenants_is_not_given_up(world: World) -> None:
    """However stuck it is."""
    held = await stuck_at(world, Stage.ATTACHED)
    before = await raw(world, held)
    assert await give_up(world, held, tenant="other") is None
    assert await raw(world, held) == before


@pytest.mark.parametrize(
    ("stage", "phase"),
    [
        (Stage.CREATED, CancellationPhase.CONFIRMED),
        (Stage.UPLOADED, CancellationPhase.CONFIRMED),
        (Stage.MARKED, CancellationPhase.UNCONFIRMED),
        (Stage.ATTACHED, CancellationPhase.UNCONFIRMED),
    ],
)
async def test_a_job_that_may_live_leaves_a_doubt(
    world: World, stage: Stage, phase: CancellationPhase
) -> None:
    """The reason is in the timeline, the fault stays with the doubt, and the holder has lost its lease."""
    held = await stuck_at(world, stage)
    given_up = await give_up(world, held)
    assert given_up is not None
    assert given_up.cancellation is not None
    in_doubt = phase is CancellationPhase.UNCONFIRMED
    assert (given_up.status, given_up.cancellation.phase) == (FinetuningStatus.CANCELLED, phase)
    assert (given_up.last_fault is not None, given_up.unanswered_create) == (in_doubt, in_doubt)
    assert (given_up.cancellation.confirmed_at is None) is in_doubt
    told = given_up.timeline[len(held.timeline) :]
    assert (told[0].kind, told[0].actor, told[0].message) == (Kind.GIVEN_UP, "ada", "$why")
    assert [one.kind for one in told[1:]] == [Kind.CANCEL_REQUESTED, Kind.STATUS_CHANGED]
    assert await world.engine.store.record_wait(held, due_in_s=1) is None


async def test_a_file_without_a_job_is_still_to_be_removed(world: World) -> None:
    """It is due at once for this."""
    given_up = await give_up(world, await stuck_at(world, Stage.UPLOADED))
    assert given_up is not None
    assert given_up.leftover_file is not None
    assert given_up.leftover_file.file_id == FILE
    assert given_up.due_at is not None


async def test_a_wanted_cancel_is_given_up_without_a_fault(world: World) -> None:
    """It is recorded once, and nothing is left to do."""
    held = await held_at(world, Stage.ATTACHED)
    await ask(world, held)
    given_up = await give_up(world, held)
    assert given_up is not None
    assert (given_up.status, given_up.due_at, given_up.lease) == (FinetuningStatus.CANCELLED, None, None)
    kinds = [one.kind for one in given_up.timeline[len(held.timeline) :]]
    assert kinds == [Kind.CANCEL_REQUESTED, Kind.GIVEN_UP, Kind.STATUS_CHANGED]
    before = await raw(world, held)
    assert await give_up(world, held) is None
    assert await raw(world, held) == before
