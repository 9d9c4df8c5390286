"""``giveUpFinetuning``: a person's end.

The provider kept the finetuning open, and no more is said than is known.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import CancellationPhase, Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.training import Durations
from graphql_api.store.intent import CancelRequest
from graphql_api.tenancy import TenantScope
from graphql_api.upkeep.sweep import sweep
from tests.provider_faults import LOST, LOST_BUT_APPLIED, at
from tests.schema.conftest import Client
from tests.world import World

GIVE_UP = """
mutation GiveUp($id: ID!, $reason: String!) {
  giveUpFinetuning(finetuningId: $id, reason: $reason) {
    status error finetuningFileId finetuningJobId lastFault { message }
    cancellation { phase confirmedAt requestedBy lastError }
    events(first: 100) { nodes { kind actor message status } }
  }
}
"""
DELETE = "mutation Delete($id: ID!) { deleteFinetuning(finetuningId: $id) { phase } }"
DELETE_CONNECTION = "mutation D($id: ID!) { deleteDbConnection(dbConnectionId: $id) { dbConnectionId } }"
DELETE_RECORD = "mutation D($id: ID!) { deleteGoldenRecord(goldenRecordId: $id) { goldenRecordId } }"
WHY = "The gateway is gone for good."
DOWN = Fault(kind=FaultKind.STATUS, operation="*", status=503, message="No upstream.", times=None)
SAID = "The provider failed (503): No upstream."
ENDLESS = Durations(running_s=10**7)


async def give_up(client: Client, finetuning: Finetuning, *, reason: str = WHY) -> Any:
    """Give up and return the answer."""
    answer = await client.data(GIVE_UP, id=str(finetuning.id), reason=reason)
    return answer["giveUpFinetuning"]


async def sweep_again(world: World) -> None:
    """Let the provider answer again, and the sweep and the worker do their part."""
    world.sandbox.faults.clear()
    await sweep(world.engine, world.account)
    await world.work()


async def stuck(client: Client, *, applied: bool = False, **given: object) -> Finetuning:
    """Return a finetuning with an unanswered create call, at a provider out of reach from then on."""
    world = client.world
    world.sandbox.account.durations = ENDLESS
    world.fault(at("jobs.create", (LOST_BUT_APPLIED if applied else LOST)["500"]))
    created = await world.create(**given)
    world.fault(at("jobs.list", DOWN, times=None))
    await world.work()
    return await world.read(created)


async def test_an_outage_without_end_is_left_by_giving_up(client: Client) -> None:
    """A cancel and its connection wait for as long as the provider is down, or until it is given up."""
    world = client.world
    world.caller = client.caller = replace(ANONYMOUS, subject="ada")
    connection = await world.connection()
    created = await stuck(client, db_connection_id=str(connection.id))
    await world.cancel(created)
    await world.drain(seconds=1200)
    refusal = await client.refusal(DELETE_CONNECTION, id=str(connection.id))
    assert refusal["code"] == "DB_CONNECTION_IN_USE"

    answer = await give_up(client, created)
    nodes = answer.pop("events")["nodes"]
    assert answer == {
        "status": "CANCELLED",
        "error": "Fine tuning cancelled by the user",
        "finetuningFileId": None,
        "finetuningJobId": None,
        "lastFault": {"message": SAID},
        "cancellation": {
            "phase": "UNCONFIRMED",
            "confirmedAt": None,
            "requestedBy": "ada",
            "lastError": SAID,
        },
    }
    assert nodes[-2:] == [
        {"kind": "GIVEN_UP", "actor": "ada", "message": WHY, "status": None},
        {"kind": "STATUS_CHANGED", "actor": None, "message": None, "status": "CANCELLED"},
    ]
    assert client.wakes == [None]
    assert await client.data(DELETE_CONNECTION, id=str(connection.id)) is not None


async def test_what_it_needed_is_free(client: Client) -> None:
    """A golden record that was chosen and not yet uploaded can be deleted."""
    world = client.world
    connection = await world.connection(golden_records=11)
    chosen = [str(one) for one in await world.golden_record_ids(connection)]
    world.fault(at("files.create", DOWN, times=None))
    world.fault(at("files.list", DOWN, times=None))
    created = await world.create(db_connection_id=str(connection.id), golden_records=chosen)
    await world.work()
    assert (await client.refusal(DELETE_RECORD, id=chosen[0]))["code"] == "GOLDEN_RECORD_IN_USE"
    answer = await give_up(client, created)
    assert (answer["status"], answer["cancellation"]["phase"]) == ("CANCELLED", "CONFIRMED")
    assert await client.data(DELETE_RECORD, id=chosen[0]) is not None


async def test_the_sweep_stops_the_job_that_lived_on(client: Client) -> None:
    """The create call had made one after all: found by its marks once the provider answers again."""
    world = client.world
    created = await stuck(client, applied=True)
    assert len(world.live_jobs()) == 1
    answer = await give_up(client, created)
    assert answer["cancellation"]["phase"] == "UNCONFIRMED"
    await sweep_again(world)
    after = await world.read(created)
    assert (world.live_jobs(), after.orphaned_jobs) == ([], [world.jobs()[0].id])
    assert after.timeline[-2].kind is FinetuningEventKind.ORPHAN_STOPPED


async def test_a_job_that_does_not_stop_is_given_up(client: Client) -> None:
    """The provider accepts each cancel and trains on: closed in doubt, and stopped when it obeys."""
    world = client.world
    world.sandbox.account.durations = Durations(cancelling_s=10**6, running_s=10**7)
    training = await world.created_and_training()
    await world.cancel(training)
    answer = await give_up(client, training)
    assert answer["finetuningJobId"] == training.finetuning_job_id
    assert answer["cancellation"] == {
        "phase": "UNCONFIRMED",
        "confirmedAt": None,
        "requestedBy": None,
        "lastError": "The provider accepted the cancel; the job is still running.",
    }
    world.sandbox.account.durations = ENDLESS
    world.advance(10**6)
    await sweep_again(world)
    assert world.live_jobs() == []


async def test_the_history_says_that_a_given_up_job_was_its_own(client: Client) -> None:
    """The provider comes back after an outage, and the sweep stops the job that went on."""
    world = client.world
    training = await world.created_and_training()
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=503, times=None))
    await world.cancel(training)
    await give_up(client, training)
    world.sandbox.faults.clear()
    await sweep_again(world)
    assert world.live_jobs() == []
    told = (await world.read(training)).timeline[-1].message
    job_id = training.finetuning_job_id
    assert told == f"Stopped by the sweep: the job {job_id} outlived its finetuning."


async def test_a_holder_that_gets_its_job_afterwards_stops_it(client: Client) -> None:
    """The create call is answered when all is over: the job is not adopted, and its maker cancels it."""
    world = client.world
    world.sandbox.account.durations = ENDLESS
    world.fault(at("jobs.create", Fault(kind=FaultKind.HANG)))
    created = await world.create()
    working = asyncio.create_task(world.work())
    await world.seen("jobs.create")
    await world.engine.upkeep.request_cancels(
        [created.id], scope=TenantScope("default"), request=CancelRequest(metadata=None, requested_by=None)
    )
    answer = await give_up(client, created)
    assert answer["cancellation"]["phase"] == "UNCONFIRMED"
    assert (await world.read(created)).lease is None  # nobody waits for the holder
    world.sandbox.faults.release()
    await working
    after = await world.read(created)
    assert (after.status, after.finetuning_job_id) == (FinetuningStatus.CANCELLED, None)
    assert (len(world.jobs()), world.live_jobs(), world.calls("jobs.cancel")) == (1, [], 1)


async def test_a_deletion_goes_on_and_ends(client: Client) -> None:
    """It waited for an impossible confirmation of the cancel."""
    world = client.world
    created = await stuck(client)
    assert (await client.data(DELETE, id=str(created.id)))["deleteFinetuning"]["phase"] == "REQUESTED"
    assert (await give_up(client, created))["cancellation"]["phase"] == "UNCONFIRMED"
    await world.drain(seconds=200)
    assert (await world.read(created)).is_deleted
    assert (await client.refusal(GIVE_UP, id=str(created.id), reason=WHY))["code"] == "FINETUNING_NOT_FOUND"


async def test_what_gets_on_is_to_be_cancelled_first(client: Client) -> None:
    """A training with an answering provider is left alone; the answer gives the right call."""
    world = client.world
    for healthy in (await world.create(), await world.created_and_training()):
        refusal = await client.refusal(GIVE_UP, id=str(healthy.id), reason=WHY)
        assert refusal["code"] == "FINETUNING_NOT_STUCK"
        assert "Cancel it first" in refusal["message"]
        assert (await world.read(healthy)).status is not FinetuningStatus.CANCELLED
    assert client.wakes == []


async def test_ten_at_once_are_one(client: Client) -> None:
    """One entry in the history, one answer; a cancelled one stays as it is."""
    created = await stuck(client)
    answers = await asyncio.gather(*(give_up(client, created, reason=f"{n}") for n in range(10)))
    assert all(answer == answers[0] for answer in answers)
    told = [node["kind"] for node in answers[0]["events"]["nodes"]]
    assert told.count("GIVEN_UP") == 1


async def test_a_confirmed_cancel_stays_confirmed(client: Client) -> None:
    """A late giving-up gets the better answer."""
    training = await client.world.created_and_training()
    await client.world.cancel(training)
    before = await client.world.read(training)
    assert (await give_up(client, training))["cancellation"]["phase"] == CancellationPhase.CONFIRMED.name
    assert await client.world.read(training) == before


async def test_what_has_ended_by_itself_is_not_given_up(client: Client) -> None:
    """Its end is the truth, after any trouble on the way."""
    training = await client.world.created_and_training()
    await client.world.drain(seconds=200)
    refusal = await client.refusal(GIVE_UP, id=str(training.id), reason=WHY)
    assert (refusal["code"], refusal["status"]) == ("FINETUNING_NOT_CANCELLABLE", "SUCCEEDED")


@pytest.mark.parametrize("reason", ["", " \t\n", "r" * 513, "a\0b"])
async def test_a_reason_is_needed(client: Client, reason: str) -> None:
    """One of 1 to 512 characters; nothing is written without it."""
    created = await stuck(client)
    refusal = await client.refusal(GIVE_UP, id=str(created.id), reason=reason)
    assert (refusal["code"], refusal["argument"]) == ("BAD_USER_INPUT", "reason")
    assert await client.world.read(created) == created


async def test_a_reason_is_kept_without_the_space_around_it(client: Client) -> None:
    """512 characters are counted without that."""
    created = await stuck(client)
    answer = await give_up(client, created, reason=f"  {'r' * 512}\n")
    assert [n["message"] for n in answer["events"]["nodes"] if n["kind"] == "GIVEN_UP"] == ["r" * 512]


async def test_another_tenants_is_a_missing_one(client: Client) -> None:
    """Neither is told apart from the other, and neither is touched."""
    created = await stuck(client)
    client.caller = replace(ANONYMOUS, tenant="other")
    for missing in (str(created.id), str(ObjectId())):
        assert (await client.refusal(GIVE_UP, id=missing, reason=WHY))["code"] == "FINETUNING_NOT_FOUND"
    assert await client.world.read(created) == created
