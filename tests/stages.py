"""Finetunings at each stage of their life.

The store's own operations bring them there.
"""

from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import Any

from exploration.samples import DATASET, FILE, job
from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.intent import CancelRequest
from graphql_api.tenancy import TenantScope
from tests.world import World

HOLDER = "holder"
ASKED = CancelRequest(metadata=None, requested_by="ada")

Step = Callable[[FinetuningStore, Finetuning], Awaitable[Finetuning | None]]


class Stage(IntEnum):
    """How far a finetuning has come."""

    CREATED = 0
    FROZEN = 1
    UPLOADED = 2
    MARKED = 3
    ATTACHED = 4


STEPS: dict[Stage, Step] = {
    Stage.FROZEN: lambda store, held: store.freeze_dataset(held, DATASET),
    Stage.UPLOADED: lambda store, held: store.attach_file(held, FILE),
    Stage.MARKED: lambda store, held: store.mark_submitting(held),
    Stage.ATTACHED: lambda store, held: store.attach_job(held, job()),
}


async def held_at(world: World, stage: Stage, *, token: str = HOLDER) -> Finetuning:
    """Return a new finetuning at this stage, its lease held with ``token``."""
    created = await world.create()
    held = await world.engine.store.claim(created.id, token=token)
    for step in (step for reached, step in STEPS.items() if reached <= stage):
        assert held is not None
        held = await step(world.engine.store, held)
    assert held is not None
    return held


async def let_go_at(world: World, stage: Stage) -> Finetuning:
    """Return a new finetuning at this stage, without a holder and due in ten seconds."""
    waiting = await world.engine.store.record_wait(await held_at(world, stage), due_in_s=10)
    assert waiting is not None
    return waiting


async def ended(world: World, status: FinetuningStatus) -> Finetuning:
    """Return a finetuning with this end."""
    closed = await world.engine.store.close(await held_at(world, Stage.ATTACHED), status, error="over")
    assert closed is not None
    return closed


async def ask(world: World, finetuning: Finetuning, *, token: str = "asker") -> Finetuning:
    """Record a wish for a cancel."""
    asked = await world.engine.store.request_cancel(
        finetuning.id, scope=TenantScope.of(finetuning), request=ASKED, token=token
    )
    assert asked is not None
    return asked


async def raw(world: World, finetuning: Finetuning) -> dict[str, Any]:
    """Return the document exactly as MongoDB has it."""
    document = await world.database["finetunings"].find_one({"_id": finetuning.id})
    assert document is not None
    return document
