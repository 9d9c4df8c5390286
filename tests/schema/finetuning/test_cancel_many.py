"""``cancelFinetunings``: all requests by one write.

There is one result for each, and a dry run for a look.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from beanie import PydanticObjectId
from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import Finetuning, FinetuningStatus, Wanted
from graphql_api.finetunings.cancel_many import MOST_AT_ONCE
from graphql_api.store.intent import CancelRequest
from graphql_api.tenancy import TenantScope
from tests.engine.test_crash import ENDLESS
from tests.schema.conftest import Client, minutes, store_finetunings
from tests.stages import Stage, held_at
from tests.world import World

NO_ID = "must be an id of 24 hexadecimal digits."
NULL = "must not be null: it would match all."
NO_CONDITION = "filter must have a condition. For all finetunings, name the statuses."
LIVE = {"status": ["QUEUED", "VALIDATING_FILES", "RUNNING"]}
CANCEL = """
mutation Cancel($ids: [ID!], $filter: FinetuningFilter, $metadata: StringMap, $dryRun: Boolean! = false) {
  cancelFinetunings(finetuningIds: $ids, filter: $filter, metadata: $metadata, dryRun: $dryRun) {
    isDryRun count results { finetuningId outcome finetuning { id status metadata cancellation { phase } } }
  }
}
"""


async def cancel(client: Client, **given: Any) -> Any:
    """Ask and return the answer."""
    return (await client.data(CANCEL, **given))["cancelFinetunings"]


def outcomes(answer: Any) -> list[tuple[str, str]]:
    """Return the outcomes, in the order of the answer."""
    return [(one["finetuningId"], one["outcome"]) for one in answer["results"]]


async def one_of_each(client: Client) -> list[Finetuning]:
    """Return finetunings that are queued, in training, cancelled and succeeded."""
    world = client.world
    world.sandbox.account.durations = ENDLESS
    training, succeeded = await world.created_and_training(), await world.created_and_training()
    world.sandbox.account.finish_job(str(succeeded.finetuning_job_id))
    world.advance(30)
    await world.work()
    cancelled = await world.cancel(await world.create())
    return [await world.create(), training, cancelled, await world.read(succeeded)]


async def test_each_finetuning_has_its_result(client: Client) -> None:
    """In the order asked for, each once, with the finetuning as it is, without a wait for the provider."""
    queued, training, cancelled, succeeded = await one_of_each(client)
    stranger = str(ObjectId())
    ids = [str(one.id) for one in (queued, training, cancelled, succeeded)]
    answer = await cancel(client, ids=[*ids, ids[0], stranger], metadata={"ticket": "7"})
    told = ["CANCELLED", "REQUESTED", "CANCELLED", "NOT_CANCELLABLE", "NOT_FOUND"]
    assert outcomes(answer) == list(zip([*ids, stranger], told, strict=True))
    assert (answer["isDryRun"], answer["count"]) == (False, 3)
    assert answer["results"][1]["finetuning"] == {
        "id": ids[1],
        "status": "RUNNING",
        "metadata": {"ticket": "7"},
        "cancellation": {"phase": "REQUESTED"},
    }
    assert answer["results"][4]["finetuning"] is None
    assert (client.world.calls("jobs.cancel"), len(client.wakes)) == (0, 1)


async def test_what_was_asked_for_comes_true_without_anyone_waiting(client: Client) -> None:
    """Each is due at once; asking again changes nothing."""
    world = client.world
    world.sandbox.account.durations = ENDLESS
    trainings = [await world.created_and_training() for _ in range(3)]
    ids = [str(one.id) for one in trainings]
    await cancel(client, ids=ids)
    assert await world.work() == 3
    after = [await world.read(one) for one in trainings]
    assert [(one.status, len(one.timeline)) for one in after] == [
        (FinetuningStatus.CANCELLED, len(before.timeline) + 2) for before in trainings
    ]
    assert (world.live_jobs(), world.calls("jobs.cancel")) == ([], 3)
    assert outcomes(await cancel(client, ids=ids)) == [(one, "CANCELLED") for one in ids]
    assert [await world.read(one) for one in trainings] == after


async def test_a_cancel_amid_somebody_elses_turn_is_not_slept_over(client: Client) -> None:
    """The holder cannot let go over it; if it is gone, another takes over when its lease ends."""
    held = await held_at(client.world, Stage.ATTACHED)
    assert outcomes(await cancel(client, ids=[str(held.id)])) == [(str(held.id), "REQUESTED")]
    assert await client.world.engine.store.record_wait(held, due_in_s=10) is None
    assert await client.world.engine.store.claim_due(token="other") is None
    client.world.advance(client.world.engine.timing.lease_s)
    claimed = await client.world.engine.store.claim_due(token="other")
    assert claimed is not None
    assert (claimed.id, claimed.wanted) == (held.id, Wanted.CANCEL)


async def test_a_filter_means_every_live_one_that_matches(client: Client) -> None:
    """The newest first; ended ones, other tenants' and deleted ones are not meant."""
    queued, training, *_ = await one_of_each(client)
    theirs = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    assert (await cancel(theirs, filter=LIVE))["results"] == []
    narrow = await cancel(client, filter={"status": ["RUNNING", "SUCCEEDED"]})
    assert outcomes(narrow) == [(str(training.id), "REQUESTED")]
    everything = await cancel(client, filter=LIVE)
    assert outcomes(everything) == [(str(queued.id), "CANCELLED"), (str(training.id), "REQUESTED")]


@pytest.mark.parametrize("by_filter", [True, False])
async def test_a_dry_run_says_what_would_be_and_does_nothing(client: Client, by_filter: bool) -> None:
    """Which, and how many; no document has changed, and no worker was woken."""
    finetunings = await one_of_each(client)
    ids = [str(one.id) for one in finetunings]
    before = await client.world.database["finetunings"].find().to_list()
    which: dict[str, Any] = {"filter": LIVE} if by_filter else {"ids": ids}
    answer = await cancel(client, dryRun=True, **which)
    ended = [] if by_filter else ["CANCELLED", "NOT_CANCELLABLE"]
    assert [outcome for _, outcome in outcomes(answer)] == ["WOULD_CANCEL", "WOULD_CANCEL", *ended]
    assert (answer["isDryRun"], answer["count"]) == (True, 2 if by_filter else 3)
    assert await client.world.database["finetunings"].find().to_list() == before


async def test_what_failed_half_way_is_made_whole_by_asking_again(client: Client) -> None:
    """The recorded cancels stay as they are, and the missing ones are recorded, in any order."""
    world = client.world
    finetunings = [await world.create() for _ in range(5)]
    ids = [one.id for one in finetunings]
    async with refusing_the_cancel_of(finetunings[2]):
        with pytest.raises(OperationFailure, match="Document failed validation"):
            await request_cancels(world, ids)
    half_way = [await world.read(one) for one in finetunings]
    recorded = [one for one in half_way if one.status is FinetuningStatus.CANCELLED]
    assert (len(recorded), half_way[2].status) == (2, FinetuningStatus.QUEUED)
    await request_cancels(world, ids)
    after = [await world.read(one) for one in finetunings]
    assert {one.status for one in after} == {FinetuningStatus.CANCELLED}
    assert [one for one in after if one.id in {kept.id for kept in recorded}] == recorded


async def test_a_failover_half_way_is_not_noticed(client: Client, mongodb_uri: str) -> None:
    """The primary steps down while the write waits for one of five: sent again, it records all."""
    world = client.world
    finetunings = [await world.create() for _ in range(5)]
    async with AsyncMongoClient[dict[str, Any]](mongodb_uri) as mongodb, mongodb.start_session() as other:
        await other.start_transaction()
        where = {"_id": finetunings[3].id}
        collection = mongodb[world.database.name]["finetunings"]
        await collection.update_one(where, {"$set": {"alias": "x"}}, session=other)
        asking = asyncio.create_task(request_cancels(world, [one.id for one in finetunings]))
        while (await world.read(finetunings[2])).wanted is not Wanted.CANCEL:
            assert not asking.done()
        await mongodb.admin.command("replSetStepDown", 1, force=True)
        await asking
    after = [await world.read(one) for one in finetunings]
    assert [one.status.value for one in after] == ["cancelled"] * 5
    assert {len(one.timeline) for one in after} == {3}


@asynccontextmanager
async def refusing_the_cancel_of(finetuning: Finetuning) -> AsyncIterator[None]:
    """Let MongoDB refuse to store that a cancel of this one is wanted."""
    database = Finetuning.get_pymongo_collection().database
    rule = {"$nor": [{"_id": finetuning.id, "wanted": Wanted.CANCEL.value}]}
    await database.command("collMod", "finetunings", validator=rule)
    try:
        yield
    finally:
        await database.command("collMod", "finetunings", validator={})


async def request_cancels(world: World, ids: Sequence[PydanticObjectId]) -> None:
    """Ask for the cancels as the mutation does."""
    request = CancelRequest(metadata=None, requested_by=None)
    await world.engine.upkeep.request_cancels(ids, scope=TenantScope.of(ANONYMOUS), request=request)


async def test_somebody_elses_cannot_be_cancelled(client: Client) -> None:
    """They are not found, and nothing of them changes."""
    created = await client.world.create()
    theirs = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    assert outcomes(await cancel(theirs, ids=[str(created.id)])) == [(str(created.id), "NOT_FOUND")]
    assert await client.world.read(created) == created


@pytest.mark.parametrize(
    ("given", "argument", "message"),
    [
        ({}, "finetuningIds", "Give either finetuningIds or filter."),
        ({"ids": [], "filter": {}}, "finetuningIds", "Give either finetuningIds or filter."),
        ({"ids": []}, "finetuningIds", "finetuningIds must have 1 to 1000 entries."),
        ({"ids": ["x"] * 1001}, "finetuningIds", "finetuningIds must have 1 to 1000 entries."),
        (
            {"ids": ["0" * 24, "x"]},
            "finetuningIds[1]",
            f"finetuningIds[1] {NO_ID}",
        ),
        ({"filter": {}}, "filter", NO_CONDITION),
        ({"filter": {"status": None}}, "filter.status", f"filter.status {NULL}"),
        (
            {"filter": {"named": "6", "status": ["RUNNING"]}},
            "filter.named",
            "filter.named may select too many. Give finetuningIds.",
        ),
        (
            {"filter": {"createdFrom": "2026-01-01T00:00:00Z", "dbConnectionId": None}},
            "filter.dbConnectionId",
            f"filter.dbConnectionId {NULL}",
        ),
        ({"filter": LIVE, "metadata": {"a": 1}}, "metadata", "metadata: the value of 'a' must be a string."),
    ],
)
async def test_bad_input_is_named(client: Client, given: Any, argument: str, message: str) -> None:
    """And nothing is cancelled."""
    created = await client.world.create()
    refusal = await client.refusal(CANCEL, **given)
    assert (refusal["code"], refusal["argument"], refusal["message"]) == ("BAD_USER_INPUT", argument, message)
    assert await client.world.read(created) == created


async def test_a_filter_that_matches_too_many_says_how_many(client: Client) -> None:
    """Not one of them is cancelled."""
    await store_finetunings(minutes(MOST_AT_ONCE + 1), status=FinetuningStatus.RUNNING)
    refusal = await client.refusal(CANCEL, filter=LIVE)
    assert refusal["message"] == (
        "The filter matches 1001 live finetunings; at most 1000 can be cancelled at once."
    )
    assert await Finetuning.find({"wanted": "cancel"}).count() == 0
