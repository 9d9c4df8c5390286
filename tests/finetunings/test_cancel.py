"""The cancel's account of itself.

The tests hold the immediate ends, the counts and the remains.
"""

import asyncio
from dataclasses import replace

import pytest
from bson import ObjectId

from graphql_api.catalogue.golden_records import add_golden_records
from graphql_api.documents import CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.engine.driving import settle, work_once
from graphql_api.engine.training import NOT_TURNED_UP
from graphql_api.errors import BadUserInputError, FinetuningNotFoundError
from graphql_api.finetunings.cancel import cancel
from graphql_api.sandbox.openai import Fault, FaultKind
from tests.interruptions import Interrupted
from tests.stages import raw
from tests.world import UNCHECKED, World, examples

HOLDER = "a-token"


@pytest.mark.parametrize("status", [400, 401, 429])
async def test_a_cancel_during_a_create_call_that_is_refused_is_confirmed(world: World, status: int) -> None:
    """No job was made, so the cancel closes in the same turn, without a cancel call."""
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=status))
    created = await world.create()

    async def ask() -> None:
        await world.cancel(created)

    await work_once(Interrupted(at=6, interruption=ask).engine(world.engine))  # the sixth call: create_job
    after = await world.read(created)
    assert after.cancellation is not None
    assert (after.status, after.cancellation.phase) == (
        FinetuningStatus.CANCELLED,
        CancellationPhase.CONFIRMED,
    )
    assert (after.cancellation.attempts, after.cancellation.last_error) == (0, None)
    assert world.calls("jobs.cancel") == 0


async def test_a_deleted_finetuning_is_let_go(world: World) -> None:
    """The holder of a deleted finetuning stops, instead of asking the provider without end."""
    await world.created_and_training()
    world.advance(10)
    held = await world.engine.store.claim_due(token=HOLDER)
    assert held is not None
    seen = world.calls("jobs.retrieve")
    await Finetuning.find_all().delete()
    async with asyncio.timeout(5):
        await settle(world.engine, held, token=HOLDER)
    assert world.calls("jobs.retrieve") == seen + 1


async def test_attempts_count_look_ups(world: World) -> None:
    """A cancel of an unknown job is tried by looking for the job, and every look counts."""
    world.fault(Fault(kind=FaultKind.RESET, operation="jobs.create"))
    created = await world.create()
    await world.work()
    before = world.calls("jobs.list")
    await world.cancel(created)
    await world.drain(seconds=300)
    after = await world.read(created)
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.UNCONFIRMED
    # A look asks for the marked jobs and, where there are none, goes through the whole list.
    assert 2 * after.cancellation.attempts == world.calls("jobs.list") - before == 18
    assert after.cancellation.last_error == NOT_TURNED_UP
    assert world.calls("jobs.cancel") == 0


async def test_an_unconfirmed_cancel_keeps_its_reason(world: World) -> None:
    """The 404 behind the missing confirmation stays on record, and every cancel call is counted."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.STATUS, operation="*", status=404, times=None))
    await world.cancel(training)
    await world.drain(seconds=300)
    after = await world.read(training)
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.UNCONFIRMED
    assert after.cancellation.last_error is not None
    assert "404" in after.cancellation.last_error
    assert after.cancellation.attempts == world.calls("jobs.cancel")


async def test_a_long_outage_does_not_use_up_the_removal(world: World) -> None:
    """The tries to remove a file are counted from the end of its finetuning."""
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429, times=21))
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=400))
    await world.create()
    await world.drain(seconds=2400)
    assert (world.calls("files.delete"), world.files()) == (1, [])


async def test_changed_records_leave_no_second_file(world: World) -> None:
    """A file from before the change is replaced, not left behind."""
    world.fault(Fault(kind=FaultKind.RESET, operation="files.create", applied=True))
    connection = await world.connection()
    created = await world.create(db_connection_id=str(connection.id))
    await world.work()
    await add_golden_records(str(connection.id), examples(1), caller=world.caller, sql_check=UNCHECKED)
    await world.drain(seconds=100)
    after = await world.read(created)
    assert after.dataset is not None
    assert (after.dataset.record_count, len(world.files())) == (11, 1)


async def test_a_late_holders_upload_is_removed(world: World) -> None:
    """A file that is stored after its finetuning was cancelled and cleaned up does not stay."""
    created = await world.create()

    async def sleep() -> None:
        world.advance(60)
        await world.cancel(created)
        await world.drain(seconds=200)

    await work_once(Interrupted(at=3, interruption=sleep).engine(world.engine))  # the third call: upload
    await world.drain(seconds=200)
    assert world.files() == []


@pytest.mark.parametrize(
    ("finetuning_id", "metadata", "message"),
    [
        ("x", None, "finetuningId must be an id of 24 hexadecimal digits."),
        ("", None, "finetuningId must be an id of 24 hexadecimal digits."),
        (None, [], "metadata must be a map of strings to strings."),
        (None, {"a": 1}, "metadata: the value of 'a' must be a string."),
    ],
)
async def test_a_malformed_cancel_changes_nothing(
    world: World, finetuning_id: str | None, metadata: object, message: str
) -> None:
    """It is refused before anything is asked for."""
    created = await world.create()
    before = await raw(world, created)
    with pytest.raises(BadUserInputError) as refusal:
        await world.cancel(str(created.id) if finetuning_id is None else finetuning_id, metadata)
    assert refusal.value.message == message
    assert await raw(world, created) == before


async def test_another_tenants_finetuning_is_as_unknown_as_none(world: World) -> None:
    """Both are refused in the same words, and nothing happens to either."""
    created = await world.create()
    before = await raw(world, created)
    stranger = replace(world.caller, tenant="another")
    for finetuning_id in (str(created.id), str(ObjectId())):
        with pytest.raises(FinetuningNotFoundError) as refusal:
            await cancel(finetuning_id, metadata=None, caller=stranger, engine=world.engine)
        assert refusal.value.message == f"There is no finetuning {finetuning_id}."
    assert await raw(world, created) == before


async def test_who_asked_is_on_record(world: World) -> None:
    """The caller's subject is kept with the cancel and in the timeline."""
    created = await world.create()
    caller = replace(world.caller, subject="ada")
    cancelled = await cancel(str(created.id), metadata=None, caller=caller, engine=world.engine)
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.requested_by == "ada"
    assert cancelled.cancellation.phase is CancellationPhase.CONFIRMED
    assert [event.actor for event in cancelled.timeline] == [None, "ada", None]
