"""Following a finetuning from the present on: without a gap, and without a repetition."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial

from graphql_api.caller import ANONYMOUS
from graphql_api.following.change_feed import Feed
from graphql_api.following.followers import follow_events, follow_finetunings
from graphql_api.following.subscription import Interest, Subscription
from graphql_api.store.change_stream import ChangeStream
from graphql_api.store.database import Database
from tests.stages import ask
from tests.world import World


class Interleaved(Feed):
    """A feed with an event amid its subscribing: it listens, and the present was not read yet."""

    happens: Callable[[], Awaitable[object]]

    @asynccontextmanager
    async def subscription(self, interest: Interest) -> AsyncIterator[Subscription]:
        """Subscribe, and let it happen."""
        async with super().subscription(interest) as subscription:
            await self.happens()
            yield subscription


async def test_a_change_between_the_subscription_and_the_read_is_told_once(
    world: World, database: Database
) -> None:
    """The present, read after the feed was asked, includes it; told again it would be a repetition."""
    created = await world.create()
    feed = Interleaved(ChangeStream(database))
    feed.happens = partial(ask, world, created)
    updates = follow_finetunings(feed, finetuning_id=str(created.id), db_connection_id=None, caller=ANONYMOUS)
    async with aclosing(updates), asyncio.timeout(20):
        assert (await anext(updates)).status.value == "cancelled"
        await world.engine.upkeep.record_orphan(created.id, "ftjob-1", "stopped")
        assert (await anext(updates)).timeline[-1].message == "stopped"
    await feed.close()


async def test_a_change_right_after_the_read_is_not_missed(world: World, feed: Feed) -> None:
    """It happens before anybody waits for it."""
    created = await world.create()
    events = follow_events(feed, str(created.id), after=None, caller=ANONYMOUS)
    async with aclosing(events), asyncio.timeout(20):
        kinds = [(await anext(events))[1].kind.value]
        await ask(world, created)
        kinds += [(await anext(events))[1].kind.value for _ in range(2)]
    assert kinds == ["created", "cancel_requested", "status_changed"]


async def test_a_clock_that_steps_back_hides_nothing(world: World, feed: Feed) -> None:
    """After a failover MongoDB's time may be behind: the version decides on the newer one."""
    created = await world.create()
    updates = follow_finetunings(feed, finetuning_id=str(created.id), db_connection_id=None, caller=ANONYMOUS)
    async with aclosing(updates), asyncio.timeout(20):
        assert (await anext(updates)).status.value == "queued"
        world.clock.advance(-3600)
        await ask(world, created)
        assert (await anext(updates)).status.value == "cancelled"
