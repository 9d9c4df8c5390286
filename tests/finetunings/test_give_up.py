"""Giving up a stuck finetuning: its end, and each refusal."""

from dataclasses import replace

import pytest
from bson import ObjectId

from graphql_api.documents import CancellationPhase, FinetuningEventKind, FinetuningStatus
from graphql_api.errors import (
    BadUserInputError,
    FinetuningNotCancellableError,
    FinetuningNotFoundError,
    FinetuningNotStuckError,
)
from graphql_api.finetunings.give_up import give_up
from graphql_api.sandbox.openai import Fault, FaultKind
from tests.stages import ask, ended, raw
from tests.world import World

WHY = "The gateway is gone for good."


async def test_a_stuck_finetuning_is_closed_without_the_provider(world: World) -> None:
    """It is cancelled in doubt, and the timeline names the person and the reason."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.STATUS, operation="*", status=503, times=None))
    await world.cancel(training)
    calls = len(world.sandbox.calls.find("jobs.cancel"))
    caller = replace(world.caller, subject="ada")
    given_up = await give_up(str(training.id), reason=f" {WHY}\n", caller=caller, engine=world.engine)
    assert given_up == await world.read(training)
    assert given_up.cancellation is not None
    assert (given_up.status, given_up.cancellation.phase) == (
        FinetuningStatus.CANCELLED,
        CancellationPhase.UNCONFIRMED,
    )
    told = [
        (event.actor, event.message)
        for event in given_up.timeline
        if event.kind is FinetuningEventKind.GIVEN_UP
    ]
    assert told == [("ada", WHY)]
    assert world.calls("jobs.cancel") == calls


async def test_a_cancelled_one_stays_as_it_is(world: World) -> None:
    """Giving up after the end returns it and writes nothing."""
    created = await world.create()
    cancelled = await world.cancel(created)
    assert await give_up(str(created.id), reason=WHY, caller=world.caller, engine=world.engine) == cancelled
    assert await world.read(created) == cancelled


async def test_one_that_gets_on_is_refused(world: World) -> None:
    """Without a fault and without a cancel it is not stuck, and it stays as it was."""
    created = await world.create()
    before = await raw(world, created)
    with pytest.raises(FinetuningNotStuckError) as refusal:
        await give_up(str(created.id), reason=WHY, caller=world.caller, engine=world.engine)
    assert refusal.value.details == {"finetuningId": str(created.id), "status": "QUEUED"}
    assert await raw(world, created) == before


@pytest.mark.parametrize("status", [FinetuningStatus.SUCCEEDED, FinetuningStatus.FAILED])
async def test_one_that_has_ended_is_refused(world: World, status: FinetuningStatus) -> None:
    """A success and a failure are told by their status."""
    over = await ended(world, status)
    with pytest.raises(FinetuningNotCancellableError) as refusal:
        await give_up(str(over.id), reason=WHY, caller=world.caller, engine=world.engine)
    assert refusal.value.details["status"] == status.name


async def test_an_unknown_one_and_another_tenants_are_not_found(world: World) -> None:
    """Both get the same words, although the other tenant's one is stuck."""
    asked = await ask(world, await world.created_and_training())
    before, stranger = await raw(world, asked), replace(world.caller, tenant="another")
    for finetuning_id in (str(asked.id), str(ObjectId())):
        with pytest.raises(FinetuningNotFoundError) as refusal:
            await give_up(finetuning_id, reason=WHY, caller=stranger, engine=world.engine)
        assert refusal.value.message == f"There is no finetuning {finetuning_id}."
    assert await raw(world, asked) == before


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (None, "reason must be a string."),
        (" \n", "reason must not be empty."),
        ("r" * 513, "reason must have at most 512 characters."),
    ],
    ids=["none", "blank", "long"],
)
async def test_a_malformed_reason_is_refused(world: World, reason: object, message: str) -> None:
    """The check comes before the look for the finetuning."""
    with pytest.raises(BadUserInputError) as refusal:
        await give_up(str(ObjectId()), reason=reason, caller=world.caller, engine=world.engine)
    assert refusal.value.message == message
