"""Chores: regular work, each done by one server only."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from graphql_api.store.expressions import later, mongodb_time

LONG_DUE = datetime.fromtimestamp(0, UTC)


class Chores:
    """The collection of the chores' next due times, by MongoDB's clock."""

    def __init__(self, collection: AsyncCollection[dict[str, Any]]) -> None:
        self._collection = collection
        self._known: set[str] = set()

    async def due(self, intervals_s: Mapping[str, float]) -> set[str]:
        """Return the due ones of these chores: one read for all, where each ``take`` is a write."""
        rest = {"rests_ms": {"$subtract": ["$due_at", mongodb_time()]}}
        found = self._collection.find({"_id": {"$in": list(intervals_s)}}, rest)
        rests_s = {chore["_id"]: chore["rests_ms"] / 1000 async for chore in found}
        return {name for name, every_s in intervals_s.items() if not 0 < rests_s.get(name, 0) <= 2 * every_s}

    async def take(self, name: str, *, every_s: float) -> bool:
        """Take the chore if it is due, and put it off by ``every_s`` for all; return whether it is ours."""
        await self._make_known(name)
        now = mongodb_time()
        # An operation takes its time when it arrives, and may run after one that came later: that one's due
        # time lies a little over an interval ahead. One far ahead was stored under a longer interval.
        too_late = later(now, 2 * every_s)
        due = {
            "_id": name,
            "$expr": {"$or": [{"$lte": ["$due_at", now]}, {"$gt": ["$due_at", too_late]}]},
        }
        taken = await self._collection.update_one(due, [{"$set": {"due_at": later(now, every_s)}}])
        return taken.matched_count == 1

    async def _make_known(self, name: str) -> None:
        """Store a new chore as due; MongoDB takes no upsert with an ``$expr`` in its filter."""
        if name in self._known:
            return
        with suppress(DuplicateKeyError):
            await self._collection.insert_one({"_id": name, "due_at": LONG_DUE})
        self._known.add(name)
