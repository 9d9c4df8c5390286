"""Subscriptions: the present, then every change once, and no leftover."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import FinetuningStatus
from graphql_api.finetunings.delete import delete
from graphql_api.store.history import Place
from tests.following.test_change_feed import add_lines
from tests.schema.conftest import Client
from tests.stages import ask

UPDATED = """
subscription Updated($id: ID, $connection: ID) {
  finetuningUpdated(finetuningId: $id, dbConnectionId: $connection) { id status alias version }
}
"""
EVENTS = """
subscription Events($id: ID!, $after: String) {
  finetuningEvents(finetuningId: $id, after: $after) { cursor event { kind message } }
}
"""
UNKNOWN = "65f0c0ffee65f0c0ffee65f0"

Results = AsyncGenerator[tuple[Any, Any], None]


@asynccontextmanager
async def following(client: Client, query: str, **variables: Any) -> AsyncIterator[Results]:
    """Subscribe for as long as the context lasts."""
    async with aclosing(client.follow(query, **variables)) as results:
        yield results


async def next_of(results: Results) -> Any:
    """Return the one field of the next result without errors."""
    async with asyncio.timeout(10):
        data, errors = await anext(results)
    assert errors == []
    (field,) = data.values()
    return field


async def refusal_of(results: Results) -> dict[str, Any]:
    """Return the one error that the subscription ends with."""
    async with asyncio.timeout(10):
        data, (error,) = await anext(results)
        assert data is None
        assert [result async for result in results] == []
    return dict(error)


async def has_ended(results: Results) -> bool:
    """Whether the subscription ends without another result."""
    async with asyncio.timeout(10):
        return await anext(results, None) is None


def subscriptions(client: Client) -> int:
    """Return how many subscriptions the feed knows of."""
    return sum(len(topic) for topic in client.feed._subscriptions.values())


async def test_one_finetuning_is_told_at_first_as_it_is(client: Client) -> None:
    """Then each change, the lease's own left out, up to the last listener, and nothing is left behind."""
    created = await client.world.create()
    async with following(client, UPDATED, id=str(created.id)) as results:
        assert (await next_of(results))["status"] == "QUEUED"
        held = await client.world.engine.store.claim(created.id, token="mine")
        assert held is not None
        await client.world.engine.store.release(held)
        await client.world.engine.upkeep.hint({"_id": created.id})
        await ask(client.world, created)
        assert (await next_of(results))["status"] == "CANCELLED"
        assert subscriptions(client) == 1
    assert subscriptions(client) == 0


async def test_the_version_tells_what_is_newer(client: Client) -> None:
    """It grows with every change, also after a backward step of MongoDB's clock; a query answers the same."""
    created = await client.world.create()
    query = "query($id: ID!) { finetuning(id: $id) { version updatedAt } }"
    before = (await client.data(query, id=str(created.id)))["finetuning"]
    async with following(client, UPDATED, id=str(created.id)) as results:
        told = [(await next_of(results))["version"]]
        client.world.clock.advance(-3600)
        await ask(client.world, created)
        told.append((await next_of(results))["version"])
    after = (await client.data(query, id=str(created.id)))["finetuning"]
    assert told == [before["version"], after["version"]] == [0, 1]
    assert after["updatedAt"] < before["updatedAt"]


async def test_a_change_of_nothing_but_the_lease_is_not_told(client: Client) -> None:
    """A claim is housekeeping; the next change is told alone, and once."""
    created, sentinel = await client.world.create(), await client.world.create()
    async with following(client, UPDATED) as results:
        waiting = asyncio.create_task(next_of(results))
        while not client.feed._listening:  # noqa: ASYNC110 - the feed announces nothing
            await asyncio.sleep(0)
        held = await client.world.engine.store.claim(created.id, token="mine")
        assert held is not None
        await client.world.engine.store.release(held)
        await ask(client.world, sentinel)
        assert (await waiting)["id"] == str(sentinel.id)


async def test_all_of_a_connection_are_told_and_no_others(client: Client) -> None:
    """Another connection's changes come to a subscriber without that filter alone."""
    ours, others = [await client.world.connection() for _ in range(2)]
    of_ours, of_others = [await client.world.create(db_connection_id=str(one.id)) for one in (ours, others)]
    async with (
        following(client, UPDATED, connection=str(ours.id)) as filtered,
        following(client, UPDATED) as everything,
    ):
        waiting = [asyncio.create_task(next_of(one)) for one in (filtered, everything)]
        while subscriptions(client) < 2 or not client.feed._listening:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await ask(client.world, of_others)
        await ask(client.world, of_ours)
        assert [(await one)["id"] for one in waiting] == [str(of_ours.id), str(of_others.id)]
        assert (await next_of(everything))["id"] == str(of_ours.id)


async def test_another_tenant_is_told_nothing(client: Client) -> None:
    """Its finetuning cannot be followed, and its changes are not among all changes."""
    created = await client.world.create()
    stranger = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    async with following(stranger, UPDATED, id=str(created.id)) as results:
        assert (await refusal_of(results))["code"] == "FINETUNING_NOT_FOUND"
    async with following(stranger, EVENTS, id=str(created.id)) as results:
        assert (await refusal_of(results))["code"] == "FINETUNING_NOT_FOUND"
    assert subscriptions(client) == 0


@pytest.mark.parametrize("query", [UPDATED, EVENTS])
async def test_an_unknown_finetuning_is_the_subscriptions_error(client: Client, query: str) -> None:
    """With the code that a query would answer, and the id in it."""
    async with following(client, query, id=UNKNOWN) as results:
        assert await refusal_of(results) == {
            "message": f"There is no finetuning {UNKNOWN}.",
            "finetuningId": UNKNOWN,
            "code": "FINETUNING_NOT_FOUND",
        }
    async with following(client, query, id="x") as results:
        assert (await refusal_of(results))["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("query", [UPDATED, EVENTS])
async def test_a_subscription_starts_once_nothing_is_missed(client: Client, query: str) -> None:
    """Every change from then on is told; a refused subscription has never started."""
    created, context = await client.world.create(), client.context()
    variables = {} if query is UPDATED else {"id": str(created.id), "after": Place(1).encode(of=created.id)}
    results = await client.schema.subscribe(query, variable_values=variables, context_value=context)
    waiting = asyncio.create_task(anext(results))
    async with asyncio.timeout(10):
        await context.started.wait()
        await ask(client.world, created)
        assert (await waiting).errors is None
    await results.aclose()
    refused = client.context()
    results = await client.schema.subscribe(query, variable_values={"id": UNKNOWN}, context_value=refused)
    async with aclosing(results):
        assert (await anext(results)).data is None
    assert not refused.started.is_set()


async def test_an_invalid_subscription_is_told_so(client: Client) -> None:
    """A document in conflict with the schema has the same code as everywhere."""
    async with following(client, "subscription { finetuningUpdated { nothing } }") as results:
        assert (await refusal_of(results))["code"] == "GRAPHQL_VALIDATION_FAILED"
    async with following(client, EVENTS, id=7.5) as results:
        assert (await refusal_of(results))["code"] == "BAD_USER_INPUT"


async def test_a_deleted_finetuning_ends_its_subscriptions(client: Client) -> None:
    """The events tell of the deletion first."""
    created = await client.world.create()
    one = {"id": str(created.id)}
    async with following(client, UPDATED, **one) as updates, following(client, EVENTS, **one) as events:
        assert (await next_of(updates))["status"] == "QUEUED"
        assert (await next_of(events))["event"]["kind"] == "CREATED"
        await delete(str(created.id), caller=client.caller, engine=client.world.engine)
        kinds = [(await next_of(events))["event"]["kind"] for _ in range(4)]
        assert kinds == ["CANCEL_REQUESTED", "STATUS_CHANGED", "DELETE_REQUESTED", "DELETED"]
        assert await has_ended(events)
        async with asyncio.timeout(10):
            seen = [data["finetuningUpdated"]["status"] async for data, _ in updates]
        assert set(seen) <= {"CANCELLED"}
    assert subscriptions(client) == 0


async def test_a_deletion_is_told_to_who_comes_again(client: Client) -> None:
    """As to a connected client: the rest from each cursor on, and then the end; to no other."""
    created = await client.world.create()
    await add_lines(client.world, created, 2)
    told: list[Any] = []
    async with following(client, EVENTS, id=str(created.id)) as connected:
        told += [await next_of(connected) for _ in range(3)]
        await delete(str(created.id), caller=client.caller, engine=client.world.engine)
        async with asyncio.timeout(10):
            told += [data["finetuningEvents"] async for data, _ in connected]
    assert [one["event"]["kind"] for one in told[-2:]] == ["DELETE_REQUESTED", "DELETED"]
    for number, seen in enumerate(told):
        async with following(client, EVENTS, id=str(created.id), after=seen["cursor"]) as again:
            async with asyncio.timeout(10):
                rest = [data["finetuningEvents"]["event"] async for data, _ in again]
        # What was there within the same second may come in another order to who has seen none of it.
        assert sorted(rest, key=str) == sorted((one["event"] for one in told[number + 1 :]), key=str)
    stranger = replace(client, caller=replace(ANONYMOUS, tenant="other"))
    for caller, after in ((client, None), (stranger, told[0]["cursor"])):
        async with following(caller, EVENTS, id=str(created.id), after=after) as refused:
            assert (await refusal_of(refused))["code"] == "FINETUNING_NOT_FOUND"
    async with following(client, UPDATED, id=str(created.id)) as refused:
        assert (await refusal_of(refused))["code"] == "FINETUNING_NOT_FOUND"
    assert subscriptions(client) == 0


async def test_whoever_resumes_misses_nothing_and_sees_nothing_twice(client: Client) -> None:
    """Events are taken up again from every cursor, while more of them happen."""
    created = await client.world.create()
    told: list[str] = []
    after = None
    for step in range(3):
        async with following(client, EVENTS, id=str(created.id), after=after) as results:
            for _ in range(2 if step else 1):
                delivery = await next_of(results)
                told.append(delivery["event"]["kind"])
                after = delivery["cursor"]
            if step == 0:
                await client.world.work()
    stored = await client.world.read(created)
    assert told == [event.kind.name for event in stored.timeline][: len(told)]
    assert len(told) == 5


async def test_live_events_follow_the_known_ones(client: Client) -> None:
    """There is neither a gap nor a repetition between the past and the present."""
    created = await client.world.create()
    async with following(client, EVENTS, id=str(created.id)) as results:
        told = [(await next_of(results))["event"]["kind"]]
        await client.world.work()
        stored = await client.world.read(created)
        while len(told) < len(stored.timeline):
            told.append((await next_of(results))["event"]["kind"])
        await client.world.cancel(created)
        told += [(await next_of(results))["event"]["kind"] for _ in range(2)]
    after = await client.world.read(created)
    assert told == [event.kind.name for event in after.timeline]
    assert after.status is FinetuningStatus.CANCELLED


@pytest.mark.parametrize("feed", [3], indirect=True, ids="waiting={}".format)
async def test_a_slow_subscriber_is_told_so_and_slows_nobody(client: Client) -> None:
    """Of one finetuning it gets the latest, for too many it is dropped with a code; others get them all."""
    connection = await client.world.connection()
    many = [await client.world.create(db_connection_id=str(connection.id)) for _ in range(5)]
    async with (
        following(client, UPDATED) as slow,
        following(client, UPDATED) as quick,
        following(client, UPDATED, id=str(many[0].id)) as of_one,
    ):
        assert (await next_of(of_one))["status"] == "QUEUED"
        first = [asyncio.create_task(next_of(one)) for one in (slow, quick)]
        while subscriptions(client) < 3:  # noqa: ASYNC110 - the feed announces nothing
            await asyncio.sleep(0)
        await client.world.engine.store.claim(many[0].id, token="mine")
        await ask(client.world, many[0])
        assert [(await one)["id"] for one in first] == [str(many[0].id)] * 2
        for one in many[1:]:
            await ask(client.world, one)
            assert (await next_of(quick))["id"] == str(one.id)
        assert (await refusal_of(slow))["code"] == "SUBSCRIBER_TOO_SLOW"
        assert (await next_of(of_one))["status"] == "CANCELLED"
        assert subscriptions(client) == 2


async def test_subscriptions_end_when_the_feed_is_closed(client: Client) -> None:
    """At once, in any wait; a later one ends, too."""
    created = await client.world.create()
    async with following(client, UPDATED, id=str(created.id)) as updates, following(client, UPDATED) as all_:
        assert (await next_of(updates))["status"] == "QUEUED"
        waiting = asyncio.create_task(has_ended(all_))
        while subscriptions(client) < 2:  # noqa: ASYNC110 - the feed announces nothing
            await asyncio.sleep(0)
        await client.feed.close()
        assert await waiting
        assert await has_ended(updates)
    async with following(client, UPDATED) as late:
        assert await has_ended(late)
