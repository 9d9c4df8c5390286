"""The feed after a break of its stream.

It goes on, at a pace, and one bad document spoils nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Self

import pytest
from pymongo.errors import AutoReconnect, OperationFailure
from structlog.testing import capture_logs

from graphql_api.following.change_feed import RETRY_S, Feed
from graphql_api.following.subscription import Interest
from graphql_api.store.change_stream import ChangeStream, Document
from graphql_api.store.database import Database
from tests.following.test_change_feed import first_of, of
from tests.world import World


class Broken:
    """A stream that breaks as soon as it is read."""

    alive = True
    resume_token: Mapping[str, Any] = {"_data": "a token"}

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *ended: object) -> None:
        """Have nothing to close."""

    async def try_next(self) -> None:
        """Break."""
        raise self._problem


class Breaking(ChangeStream):
    """Streams with a good opening and a sure break; it notes its requests."""

    def __init__(self, database: Database, *, problem: Exception) -> None:
        super().__init__(database)
        self._problem = problem
        self.done: list[object] = []
        self.has_seen_enough = asyncio.Event()

    async def open(self, token: Any) -> Any:
        """Note the token."""
        self.done.append(token)
        return Broken(self._problem)

    async def watched(self, topics: Sequence[object], *, lost_s: float) -> AsyncIterator[Document]:
        """Note it, and have nothing."""
        self.done.append("read again")
        for nothing in list[Document]():
            yield nothing

    async def pause(self, seconds: float) -> None:
        """Note it, and wait for good after enough of them."""
        self.done.append(seconds)
        if len(self.done) > 6:
            self.has_seen_enough.set()
            await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (AutoReconnect(), [None, *[RETRY_S, Broken.resume_token] * 3]),
        (OperationFailure("a fatal one", code=280), [None, *[RETRY_S, None, "read again"] * 2]),
        (ValueError("not to be decoded"), [None, *[RETRY_S, None, "read again"] * 2]),
    ],
    ids=["out of reach", "refused", "unexpected"],
)
async def test_a_stream_that_breaks_at_once_is_not_opened_at_once(
    database: Database, problem: Exception, expected: list[object]
) -> None:
    """There is a pause each time; its token is kept only while MongoDB is out of reach."""
    changes = Breaking(database, problem=problem)
    feed = Feed(changes, sleep=changes.pause)
    async with feed.subscription(Interest(tenant="default")), asyncio.timeout(20):
        await changes.has_seen_enough.wait()
    assert changes.done == [*expected, RETRY_S]
    await feed.close()


async def test_a_document_that_cannot_be_read_again_is_passed_over(world: World, database: Database) -> None:
    """It is logged, and the others are told."""
    broken, whole = await world.create(), await world.create()
    nonsense = {"$set": {"alias": {"not": "a text"}}}
    await database["finetunings"].update_one({"_id": broken.id}, nonsense)
    feed = Feed(ChangeStream(database))
    async with feed.subscription(of(broken)), feed.subscription(of(whole)) as subscription:
        with capture_logs() as logs:
            await feed._read_again()
            assert (await first_of(subscription)).finetuning.id == whole.id
    assert {log["event"] for log in logs} == {"a change could not be passed on"}
    await feed.close()
