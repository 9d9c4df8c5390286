"""The feed: one stream for all subscribers.

Each change is made once, and an invisible change is left out.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from beanie import PydanticObjectId
from pymongo import AsyncMongoClient, monitoring
from structlog.testing import capture_logs

from graphql_api.documents import Finetuning, FinetuningEventKind, LineRange, ProviderEvent
from graphql_api.following.change_feed import Feed
from graphql_api.following.subscription import Change, Interest, Subscription
from graphql_api.store.change_stream import ChangeStream
from graphql_api.store.database import Database, initialise
from tests.stages import ask
from tests.world import World

MANY = 2_000


class Commands(monitoring.CommandListener):
    """Writes down MongoDB's commands, but for the stream's own polling."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Write the command down."""
        if event.command_name != "getMore":
            self.seen.append((event.command_name, str(event.command[event.command_name])))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Ignore it."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Ignore it."""


@pytest.fixture
def commands() -> Commands:
    """Yield the watcher of the database's client."""
    return Commands()


@pytest.fixture
async def database(mongodb_uri: str, commands: Commands) -> AsyncIterator[Database]:
    """Yield an initialised database with a watched client, empty before and after the test."""
    async with AsyncMongoClient[dict[str, Any]](
        mongodb_uri, tz_aware=True, w="majority", journal=True, event_listeners=[commands]
    ) as client:
        database = client["feed"]
        await initialise(database)
        yield database
        for name in await database.list_collection_names():
            await database[name].delete_many({})


async def first_of(subscription: Subscription) -> Change:
    """Return the next event."""
    async with asyncio.timeout(20):
        async for change in subscription:
            return change
    raise AssertionError("the subscription ended")


def of(finetuning: Finetuning) -> Interest:
    """Return the interest in one finetuning."""
    return Interest(tenant=finetuning.tenant, finetuning_id=finetuning.id)


async def add_lines(world: World, finetuning: Finetuning, count: int) -> None:
    """Store lines of the provider's log, and count them."""
    lines = [
        ProviderEvent(
            id=PydanticObjectId(),
            finetuning_id=finetuning.id,
            number=finetuning.provider_events + number,
            event_id=f"ev-{number}",
            at=world.clock.now(),
            kind=FinetuningEventKind.PROVIDER_MESSAGE,
            level="info",
            message=f"line {number}",
        )
        for number in range(count)
    ]
    await ProviderEvent.insert_many(lines)
    counted = {"$inc": {"provider_events": count, "version": 1}}
    await world.database["finetunings"].update_one({"_id": finetuning.id}, counted)


async def test_two_thousand_subscribers_share_one_change(
    world: World, feed: Feed, commands: Commands
) -> None:
    """One stream, one object, one query for the provider's new lines, and no task for any of them."""
    created = await world.create()
    tasks = len(asyncio.all_tasks())
    async with AsyncExitStack() as stack:
        commands.seen.clear()
        subscriptions = [await stack.enter_async_context(feed.subscription(of(created))) for _ in range(MANY)]
        assert commands.seen == [("find", "finetunings"), ("aggregate", "finetunings")]
        assert len(asyncio.all_tasks()) == tasks + 1
        await add_lines(world, created, 3)
        commands.seen.clear()
        changes = [await first_of(one) for one in subscriptions]
        assert len({id(change) for change in changes}) == 1
        wanted = LineRange(created.id, 0, 3)
        lines = await asyncio.gather(*(change.lines(wanted) for change in changes))
        assert {tuple(line.number for line in one) for one in lines} == {(0, 1, 2)}
        assert commands.seen == [("find", "provider_events")]
    assert feed._subscriptions == {}


async def test_a_finetuning_that_nobody_watches_is_not_made(world: World, feed: Feed) -> None:
    """The feed passes it over before it costs anything."""
    watched, other = await world.create(), await world.create()
    async with feed.subscription(of(watched)) as subscription:
        await ask(world, other)
        await ask(world, watched)
        assert (await first_of(subscription)).finetuning.id == watched.id
    assert list(feed._passed_on) == [watched.id]


async def test_another_tenant_is_told_nothing(world: World, feed: Feed) -> None:
    """Neither of everything nor of an id that it has from somewhere."""
    created = await world.create()
    strangers = [Interest(tenant="other"), Interest(tenant="other", finetuning_id=created.id)]
    async with AsyncExitStack() as stack:
        told, *untold = [
            await stack.enter_async_context(feed.subscription(interest))
            for interest in (of(created), *strangers)
        ]
        await ask(world, created)
        assert (await first_of(told)).finetuning.id == created.id
        waiting = [len(one._waiting) for one in untold]
        assert waiting == [0, 0]


async def test_a_change_that_cannot_be_read_is_passed_over(world: World, feed: Feed) -> None:
    """It is logged, and the next ones are told."""
    broken, whole = await world.create(), await world.create()
    async with feed.subscription(Interest(tenant=whole.tenant)) as subscription:
        nonsense = {"$set": {"alias": {"not": "a text"}, "version": 1}}
        with capture_logs() as logs:
            await world.database["finetunings"].update_one({"_id": broken.id}, nonsense)
            await ask(world, whole)
            assert (await first_of(subscription)).finetuning.id == whole.id
    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("a change could not be passed on", "error")
    ]


class Late(ChangeStream):
    """A stream that opens again only when it may."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.may_open = asyncio.Event()
        self.may_open.set()

    async def open(self, token: Any) -> Any:
        """Wait, then open."""
        await self.may_open.wait()
        return await super().open(token)


async def test_a_collection_that_was_dropped_is_listened_to_afresh(world: World, database: Database) -> None:
    """The stream has ended for good: the watched finetunings are read again, and then told as ever."""
    created, late = await world.create(), Late(database)
    feed = Feed(late)
    document = await database["finetunings"].find_one({"_id": created.id})
    assert document is not None
    async with feed.subscription(of(created)) as subscription:
        late.may_open.clear()
        await database["finetunings"].drop()
        await database["finetunings"].insert_one({**document, "version": 5, "alias": "restored"})
        late.may_open.set()
        assert (await first_of(subscription)).finetuning.alias == "restored"
        await ask(world, created)
        assert (await first_of(subscription)).finetuning.status.value == "cancelled"
    await feed.close()
