"""Chores: what one of all the servers does once in a while, whoever comes first."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from graphql_api.store.expressions import later
from graphql_api.store.leases import mongodb_time

LONG_DUE = datetime.fromtimestamp(0, UTC)


class Chores:
    """The collection that says when each chore is due next, by MongoDB's clock."""

    def __init__(self, collection: AsyncCollection[dict[str, Any]]) -> None:
        self._collection = collection
        self._known: set[str] = set()

    async def take(self, name: str, *, every_s: float) -> bool:
        """Return whether the chore is due and now ours, and put it off for everyone else until next time."""
        await self._make_known(name)
        now = mongodb_time()
        next_at = later(now, every_s)  # one stored as due even later was put off by a longer interval
        due = {
            "_id": name,
            "$expr": {"$or": [{"$lte": ["$due_at", now]}, {"$gt": ["$due_at", next_at]}]},
        }
        taken = await self._collection.update_one(due, [{"$set": {"due_at": next_at}}])
        return taken.matched_count == 1

    async def _make_known(self, name: str) -> None:
        """Store a chore that nobody has done yet; MongoDB takes no upsert with an ``$expr`` in its filter."""
        if name in self._known:
            return
        with suppress(DuplicateKeyError):
            await self._collection.insert_one({"_id": name, "due_at": LONG_DUE})
        self._known.add(name)
