"""Chores: what one of all the servers does once in a while, whoever comes first."""

from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from graphql_api.finetunings.expressions import later
from graphql_api.finetunings.leases import mongodb_time


class Chores:
    """The collection that says when each chore is due next, by MongoDB's clock."""

    def __init__(self, collection: AsyncCollection[dict[str, Any]]) -> None:
        self._collection = collection

    async def take(self, name: str, *, every_s: float) -> bool:
        """Return whether the chore is due and now ours, and put it off for everyone else until next time."""
        now = mongodb_time()
        due = {"_id": name, "$expr": {"$lte": ["$due_at", now]}}
        try:
            await self._collection.update_one(due, [{"$set": {"due_at": later(now, every_s)}}], upsert=True)
        except DuplicateKeyError:
            return False  # it is there and not due, so the upsert tried to insert it
        return True
