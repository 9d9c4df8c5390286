"""The counts of budgets that several servers share: one atomic write for each hit, by MongoDB's clock."""

import asyncio
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Any

import structlog
from pymongo import IndexModel, ReturnDocument, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from graphql_api.rate_limits import Counts
from graphql_api.store.database import Database
from graphql_api.store.expressions import Expression, later, literal, mongodb_time
from graphql_api.store.indexes import create_indexes

log = structlog.get_logger(__name__)

COLLECTION = "rate_limits"
LIMIT_S = 1.0
"""The longest time for one hit: a limit must never hold a request up."""
PAUSE_S = 5.0
"""How long this process counts alone after MongoDB did not answer."""


class SharedCounts(Counts):
    """Counts in MongoDB; while that is out of reach, in the memory of this process."""

    def __init__(
        self,
        collection: AsyncCollection[dict[str, Any]],
        *,
        mongodb_now: Callable[[], Expression] = mongodb_time,
        now: Callable[[], float] = monotonic,
        limit_s: float = LIMIT_S,
    ) -> None:
        super().__init__(now=now)
        # A count that a failover takes back does no harm, and an acknowledgement by a majority takes long.
        self._collection = collection.with_options(
            write_concern=WriteConcern(w=1), read_concern=ReadConcern("local")
        )
        self._mongodb_now = mongodb_now
        self._limit_s = limit_s
        self._alone_until = -inf

    @classmethod
    async def opened(cls, database: Database) -> "SharedCounts":
        """Return the counts; MongoDB removes those of accounts at rest."""
        await create_indexes(database[COLLECTION], [IndexModel("expires_at", expireAfterSeconds=0)])
        return cls(database[COLLECTION])

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Take the amount if there is room for it; a refusal takes nothing."""
        if self._now() >= self._alone_until:
            try:
                async with asyncio.timeout(self._limit_s):
                    return await self._hit(key, limit, expiry, amount)
            except (PyMongoError, TimeoutError) as problem:
                self._count_alone(problem)
        return await super().acquire_sliding_window_entry(key, limit, expiry, amount)

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return the counts of both windows as of the last hit, each with its seconds."""
        if self._now() >= self._alone_until:
            try:
                async with asyncio.timeout(self._limit_s):
                    found = await self._collection.find_one({"_id": key}) or {}
            except (PyMongoError, TimeoutError) as problem:
                self._count_alone(problem)
            else:
                left_s = found.get("left_ms", 0) / 1000
                return found.get("previous", 0), left_s, found.get("current", 0), left_s + expiry
        return await super().get_sliding_window(key, expiry)

    async def _hit(self, key: str, limit: int, expiry: int, amount: int) -> bool:
        stages = _stages(self._mongodb_now(), limit=limit, expiry_ms=expiry * 1000, amount=amount)
        after = await self._collection.find_one_and_update(
            {"_id": key}, stages, upsert=True, return_document=ReturnDocument.AFTER
        )
        return bool(after and after["granted"])

    def _count_alone(self, problem: Exception) -> None:
        if self._now() >= self._alone_until:
            log.warning(
                "the shared budgets are out of reach, so this process counts alone for a while",
                error=type(problem).__name__,
            )
        self._alone_until = self._now() + PAUSE_S


def _stages(now: Expression, *, limit: int, expiry_ms: int, amount: int) -> list[dict[str, Any]]:
    """Return the update: move the windows on to now, then take the amount if there is room for it."""
    now_ms = {"$toLong": now}
    index = {"$floor": {"$divide": [now_ms, expiry_ms]}}
    is_same, is_next = {"$eq": ["$index", index]}, {"$eq": ["$index", {"$subtract": [index, 1]}]}
    moved = {
        "index": index,
        "left_ms": {"$subtract": [{"$multiply": [{"$add": [index, 1]}, expiry_ms]}, now_ms]},
        "previous": {"$cond": [is_same, "$previous", {"$cond": [is_next, "$current", 0]}]},
        "current": {"$cond": [is_same, "$current", 0]},
    }
    share = {"$divide": [{"$multiply": ["$previous", "$left_ms"]}, expiry_ms]}
    taken = {"$floor": {"$add": [share, "$current"]}}
    granted = {"granted": {"$lte": [{"$add": [taken, literal(amount)]}, literal(limit)]}}
    counted = {
        "current": {"$add": ["$current", {"$cond": ["$granted", literal(amount), 0]}]},
        "expires_at": later(now, 2 * expiry_ms / 1000),
    }
    return [{"$set": moved}, {"$set": granted}, {"$set": counted}]
