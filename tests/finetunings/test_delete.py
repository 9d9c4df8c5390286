"""Deletions: cancelled, confirmed, and only then gone.

No deleted finetuning comes back.
"""

import asyncio
from dataclasses import replace

import pytest
from bson import ObjectId

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import CANCELLED_BY_USER, CancellationPhase, Finetuning, FinetuningStatus, Wanted
from graphql_api.engine.training_file import MOST_REMOVAL_FAULTS
from graphql_api.errors import BadUserInputError, FinetuningNotFoundError
from graphql_api.finetunings.delete import delete
from graphql_api.sandbox.faults import Fault, FaultKind, Outcome
from graphql_api.sandbox.openai.jobs import JobStatus
from tests.provider_faults import LOST, LOST_BUT_APPLIED, REFUSED, REFUSED_FOR_NOW, at, each
from tests.stages import Stage, raw
from tests.world import World

REFUSE = Fault(kind=FaultKind.STATUS, status=500)
UNKNOWN = {
    "never_arrived": LOST["reset"],
    "refused_by_a_gateway": LOST["500"],
    "reply_lost": LOST_BUT_APPLIED["reset"],
    "reply_truncated": LOST_BUT_APPLIED["truncated"],
}
AWAY = {"limited": REFUSED_FOR_NOW["429"], "key_refused": REFUSED_FOR_NOW["401"], "down": LOST["reset"]}
UNREMOVABLE = {"gone": REFUSED["404"], "refused": REFUSED["400"], **AWAY}
FORGOTTEN = (
    "finetuning_file_id",
    "leftover_file",
    "dataset",
    "metadata",
    "suffix",
    "golden_records",
    "idempotency",
)


async def ask(world: World, finetuning: Finetuning) -> Finetuning:
    """Delete as the world's caller."""
    return await delete(str(finetuning.id), caller=world.caller, engine=world.engine)


def assert_deleted(world: World, finetuning: Finetuning, *, status: FinetuningStatus) -> None:
    """Assert that a tombstone is left and nothing else, neither here nor at the provider."""
    assert finetuning.deletion is not None
    assert finetuning.deletion.deleted_at is not None
    assert (finetuning.status, finetuning.wanted) == (status, Wanted.DELETE)
    assert (finetuning.due_at, finetuning.lease) == (None, None)
    assert [getattr(finetuning, name) for name in FORGOTTEN] == [None] * len(FORGOTTEN)
    kinds = [event.kind.value for event in finetuning.timeline]
    assert (kinds[0], kinds[-1], kinds.count("deleted")) == ("created", "deleted", 1)
    assert kinds.count("delete_requested") == 1
    assert (world.live_jobs(), world.files()) == ([], [])


def assert_still_there(finetuning: Finetuning, *, status: FinetuningStatus) -> None:
    """Assert that the request is on record, and nothing more is claimed."""
    assert finetuning.deletion is not None
    assert (finetuning.deletion.deleted_at, finetuning.wanted) == (None, Wanted.DELETE)
    assert finetuning.status is status


async def test_a_live_job_is_stopped_and_read_back_before_its_finetuning_goes(world: World) -> None:
    """Cancel, look, remove the file, delete: in this order and each once."""
    training = await world.created_and_training(metadata={"team": "data"}, suffix="shop")
    world.sandbox.calls.clear()
    deleted = await ask(world, training)
    assert_deleted(world, deleted, status=FinetuningStatus.CANCELLED)
    called = [call.operation for call in world.sandbox.calls.find()]
    assert called == ["jobs.cancel", "jobs.retrieve", "files.delete"]
    assert deleted.cancellation is not None
    assert (deleted.cancellation.phase, deleted.error) == (CancellationPhase.CONFIRMED, CANCELLED_BY_USER)
    assert (deleted.finetuning_job_id, deleted.alias) == (training.finetuning_job_id, training.alias)
    assert [event.kind.value for event in deleted.timeline][-4:] == [
        "cancel_requested",
        "delete_requested",
        "status_changed",
        "deleted",
    ]
    assert deleted.timeline[: len(training.timeline)] == training.timeline


async def test_a_repeated_delete_is_answered_the_same_and_does_nothing(world: World) -> None:
    """A client asking again learns that it is gone; the provider hears nothing."""
    training = await world.created_and_training()
    deleted = await ask(world, training)
    before, calls = await raw(world, training), len(world.sandbox.calls.find())
    world.advance(100)
    assert await ask(world, training) == deleted
    assert await world.work() == 0
    assert (await raw(world, training), len(world.sandbox.calls.find())) == (before, calls)


async def test_a_cancel_of_what_is_deleted_finds_nothing(world: World) -> None:
    """The finetuning does not exist for anyone, except for a second deletion."""
    training = await world.created_and_training()
    await ask(world, training)
    before = await raw(world, training)
    with pytest.raises(FinetuningNotFoundError):
        await world.cancel(training)
    assert await raw(world, training) == before


async def test_a_queued_finetuning_is_deleted_without_the_provider(world: World) -> None:
    """Nothing can be there, so nothing is asked."""
    queued = await world.create()
    assert_deleted(world, await ask(world, queued), status=FinetuningStatus.CANCELLED)
    assert world.sandbox.calls.find() == []


@pytest.mark.parametrize("stage", [Stage.FROZEN, Stage.UPLOADED])
async def test_an_uploaded_file_goes_with_its_finetuning(world: World, stage: Stage) -> None:
    """Whether its id was recorded before the holder died or not."""
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429))
    if stage is Stage.FROZEN:
        world.fault(Fault(kind=FaultKind.RESET, operation="files.create", applied=True))
    created = await world.create()
    await world.work()
    stored = await world.read(created)
    assert (len(world.files()), stored.finetuning_file_id is None) == (1, stage is Stage.FROZEN)
    assert_deleted(world, await ask(world, created), status=FinetuningStatus.CANCELLED)
    assert world.calls("files.delete") == 1
    assert world.jobs() == []


async def test_a_delete_waits_for_the_create_call_in_flight(world: World) -> None:
    """The maker of the job learns of the wish with the id, and carries it out."""
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.create"))
    created = await world.create()
    working = asyncio.create_task(world.work())
    await world.seen("jobs.create")
    deleting = asyncio.create_task(ask(world, created))
    while (await world.read(created)).wanted is Wanted.TRAIN:  # noqa: ASYNC110  MongoDB announces nothing
        await asyncio.sleep(0)
    world.sandbox.faults.release()
    await asyncio.gather(working, deleting)
    await world.drain(seconds=60)
    assert_deleted(world, await world.read(created), status=FinetuningStatus.CANCELLED)
    assert (world.calls("jobs.create"), len(world.jobs())) == (1, 1)


@each(UNKNOWN)
async def test_after_a_create_call_of_unknown_outcome_the_job_is_sought_first(
    world: World, fault: Fault
) -> None:
    """It stays visible until the job was found and stopped, or cannot turn up any more."""
    world.fault(at("jobs.create", fault))
    created = await world.create()
    await world.work()
    assert (await world.read(created)).submission is not None
    await ask(world, created)
    await world.drain(seconds=300)
    after = await world.read(created)
    assert_deleted(world, after, status=FinetuningStatus.CANCELLED)
    made = len(world.jobs())
    assert (after.cancellation and after.cancellation.phase) == (
        CancellationPhase.CONFIRMED if made else CancellationPhase.UNCONFIRMED
    )
    assert world.calls("jobs.create") == 1


@each(AWAY)
async def test_while_the_provider_is_away_the_finetuning_stays_visible(world: World, fault: Fault) -> None:
    """With its true status; the worker deletes it once the provider answers."""
    training = await world.created_and_training()
    world.fault(at("*", fault, times=None))
    asked = await ask(world, training)
    assert_still_there(asked, status=FinetuningStatus.RUNNING)
    assert asked.cancellation is not None
    assert asked.cancellation.phase is CancellationPhase.REQUESTED
    assert asked.cancellation.last_error
    await world.drain(seconds=100)
    assert_still_there(await world.read(training), status=FinetuningStatus.RUNNING)
    world.sandbox.faults.clear()
    await world.drain(seconds=120)
    after = await world.read(training)
    assert_deleted(world, after, status=FinetuningStatus.SUCCEEDED)  # meanwhile it has ended by itself


async def test_a_trained_model_outlives_its_finetuning(world: World) -> None:
    """A succeeded finetuning is deleted with its training file; the model belongs to the account."""
    training = await world.created_and_training()
    await world.drain(seconds=120)
    trained = await world.read(training)
    assert trained.status is FinetuningStatus.SUCCEEDED
    world.sandbox.calls.clear()
    deleted = await ask(world, training)
    assert_deleted(world, deleted, status=FinetuningStatus.SUCCEEDED)
    assert [call.operation for call in world.sandbox.calls.find()] == ["files.delete"]
    assert (deleted.model_id, deleted.cancellation) == (trained.model_id, None)
    assert trained.model_id in world.sandbox.account.models()


@pytest.mark.parametrize("outcome", [JobStatus.SUCCEEDED, JobStatus.FAILED])
async def test_a_job_that_ends_first_is_deleted_as_what_it_became(world: World, outcome: JobStatus) -> None:
    """The cancel is overtaken and the deletion goes on."""
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.cancel", outcome=Outcome(outcome)))
    deleted = await ask(world, training)
    assert_deleted(world, deleted, status=FinetuningStatus(outcome.value))
    assert deleted.cancellation is not None
    assert deleted.cancellation.phase is CancellationPhase.OVERTAKEN


async def test_a_cancel_that_is_under_way_becomes_a_deletion(world: World) -> None:
    """Its record is kept; the deletion waits for it."""
    training = await world.created_and_training()
    world.fault(at("jobs.cancel", REFUSE, times=None))
    asked = await world.cancel(training, {"reason": "wrong data"})
    assert asked.status is FinetuningStatus.RUNNING
    assert_still_there(await ask(world, training), status=FinetuningStatus.RUNNING)
    world.sandbox.faults.clear()
    await world.drain(seconds=30)
    after = await world.read(training)
    assert_deleted(world, after, status=FinetuningStatus.CANCELLED)
    assert after.cancellation is not None
    assert after.cancellation.metadata == {"reason": "wrong data"}
    assert [event.kind.value for event in after.timeline].count("cancel_requested") == 1


async def test_a_cancel_after_the_delete_changes_nothing_of_it(world: World) -> None:
    """It is told the true status, and the finetuning goes all the same."""
    training = await world.created_and_training()
    world.fault(at("jobs.cancel", REFUSE, times=None))
    assert_still_there(await ask(world, training), status=FinetuningStatus.RUNNING)
    told = await world.cancel(training, {"too": "late"})
    assert_still_there(told, status=FinetuningStatus.RUNNING)
    assert told.metadata is None
    world.sandbox.faults.clear()
    await world.drain(seconds=30)
    assert_deleted(world, await world.read(training), status=FinetuningStatus.CANCELLED)


async def test_deletes_and_cancels_at_once_have_one_effect(world: World) -> None:
    """One cancel call, one removal, one deletion; all answers are the same."""
    training = await world.created_and_training()
    deletes = [ask(world, training) for _ in range(5)]
    cancels = [world.cancel(training) for _ in range(5)]
    answers = await asyncio.gather(*deletes, *cancels, return_exceptions=True)
    stored = await world.read(training)
    assert_deleted(world, stored, status=FinetuningStatus.CANCELLED)
    assert all(answer == stored for answer in answers[:5])
    for told in answers[5:]:
        if not isinstance(told, FinetuningNotFoundError):
            assert isinstance(told, Finetuning)
            assert told.status is FinetuningStatus.CANCELLED
    assert (world.calls("jobs.cancel"), world.calls("files.delete")) == (1, 1)


@pytest.mark.parametrize("finetuning_id", ["another's", "unknown", "x"])
async def test_what_is_not_the_callers_cannot_be_deleted(world: World, finetuning_id: str) -> None:
    """Another's finetuning is the same as a missing one; a malformed id is the client's mistake."""
    training = await world.created_and_training()
    before, calls = await raw(world, training), len(world.sandbox.calls.find())
    given = {"another's": str(training.id), "unknown": str(ObjectId())}.get(finetuning_id, finetuning_id)
    expected = BadUserInputError if finetuning_id == "x" else FinetuningNotFoundError
    with pytest.raises(expected):
        await delete(given, caller=replace(ANONYMOUS, tenant="other", subject="eve"), engine=world.engine)
    assert (await raw(world, training), len(world.sandbox.calls.find())) == (before, calls)


async def test_an_idempotency_key_is_free_again(world: World) -> None:
    """The same create call makes a new finetuning once the old one is gone, and not before."""
    connection = await world.connection()
    given = {"db_connection_id": str(connection.id), "idempotency_key": "nightly"}
    first = await world.create(**given)
    assert (await world.create(**given)).id == first.id
    await ask(world, first)
    second = await world.create(**given)
    assert second.id != first.id
    assert (second.status, second.deletion) == (FinetuningStatus.QUEUED, None)


@each(UNREMOVABLE)
async def test_a_file_that_cannot_be_removed_keeps_nobody_for_ever(world: World, fault: Fault) -> None:
    """It is given up after twenty failures, or a grace time of refusals; a 404 says it is gone already."""
    training = await world.created_and_training()
    world.fault(at("files.delete", fault, times=None))
    asked = await ask(world, training)
    await world.drain(seconds=1500, step_s=60)
    after = await world.read(training)
    assert after.deletion is not None
    assert after.deletion.deleted_at is not None
    assert (after.due_at, after.lease, world.live_jobs()) == (None, None, [])
    gone, refused = fault is REFUSED["404"], fault is REFUSED["400"]
    tries = world.calls("files.delete")
    assert 1 < tries < MOST_REMOVAL_FAULTS if refused else tries == (1 if gone else MOST_REMOVAL_FAULTS)
    assert (asked.deletion and asked.deletion.deleted_at is not None) is gone


async def test_a_file_that_was_given_up_is_tried_again_by_the_delete(world: World) -> None:
    """Earlier failures do not count against a new request."""
    world.fault(at("jobs.create", REFUSED_FOR_NOW["429"]))
    created = await world.create()
    await world.work()
    world.fault(at("files.delete", REFUSE, times=MOST_REMOVAL_FAULTS))
    await world.cancel(created)
    await world.drain(seconds=1500, step_s=60)
    assert ((await world.read(created)).due_at, len(world.files())) == (None, 1)
    assert_deleted(world, await ask(world, created), status=FinetuningStatus.CANCELLED)
