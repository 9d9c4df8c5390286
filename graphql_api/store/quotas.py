"""The tenants' quotas: every check and its count are one atomic write, by MongoDB's clock.

A tenant's document holds an entry for each creation, from just before its finetuning is stored. Under a quota
of live finetunings the entry stays until the finetuning has ended; of repeated creations one is stored, maybe
under another id than the entry's, so that a finetuning is known by its idempotency key, too. What is left
out of the list is known for good: an end is for good, and an entry without a finetuning is too old for one
to come.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection

from graphql_api.documents import Finetuning
from graphql_api.store.database import Database
from graphql_api.store.expressions import (
    LIVE_VALUES,
    Expression,
    Fields,
    later,
    literal,
    mongodb_time,
    one_of,
)
from graphql_api.tenancy import TenantScope

COLLECTION = "quotas"
STORED_WITHIN_S = 120
"""The longest time from the count of a creation to its finetuning in the database."""
ONE_DAY = timedelta(days=1)


class Quota(StrEnum):
    """What is limited."""

    LIVE = "live"
    CREATES = "creates"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLimits:
    """The greatest numbers of one tenant; ``None`` for no limit."""

    live: int | None = None
    creates_a_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedUp:
    """A used-up quota, its limit, and the time when it is free again, if that is known."""

    quota: Quota
    limit: int
    free_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """Which of the entries' finetunings are stored, by id and by key, and the live ones of the tenant."""

    stored: list[ObjectId]
    keys: list[str]
    live: list[Fields]


class QuotaStore:
    """The quotas of all tenants, under these limits."""

    def __init__(
        self, database: Database, limits: QuotaLimits, *, now: Callable[[], Expression] = mongodb_time
    ) -> None:
        self._quotas: AsyncCollection[dict[str, Any]] = database[COLLECTION]
        self._finetunings: AsyncCollection[dict[str, Any]] = database[Finetuning.Settings.name]
        self._limits = limits
        self._now = now

    async def take(
        self, finetuning_id: ObjectId, *, scope: TenantScope, idempotency_key: str | None
    ) -> UsedUp | None:
        """Count a finetuning that is about to be stored; if a quota is used up, count nothing and return it.

        A repetition of the same creation, known by its key, counts once.
        """
        known = await self._known(scope, idempotency_key)
        entry = {"id": finetuning_id, "key": literal(idempotency_key), "at": self._now()}
        stages = _stages(entry, known=known, limits=self._limits, now=self._now())
        after = await self._counted(scope.tenant, stages)
        if after["full"] is None:
            return None
        quota = Quota(after["full"])
        if quota is Quota.LIVE:
            return UsedUp(quota=quota, limit=self._limits.live or 0, free_at=None)
        return UsedUp(quota=quota, limit=self._limits.creates_a_day or 0, free_at=after["day"] + ONE_DAY)

    async def _counted(self, tenant: str, stages: Sequence[Fields]) -> Mapping[str, Any]:
        after = await self._quotas.find_one_and_update(
            {"_id": tenant}, stages, upsert=True, return_document=ReturnDocument.AFTER
        )
        assert after is not None  # noqa: S101  it is made if it is missing
        return after

    async def _known(self, scope: TenantScope, own_key: str | None) -> _Known:
        """Return what is stored of the entries, and at most one live finetuning more than are allowed."""
        found = await self._quotas.find_one({"_id": scope.tenant}) or {"held": []}
        listed = [entry["id"] for entry in found["held"]]
        keys = [key for key in (own_key, *(entry["key"] for entry in found["held"])) if key is not None]
        by_id = await self._found({"_id": {"$in": listed}, **scope.where}, index="_id_")
        by_key = await self._found({**scope.where, "idempotency.key": one_of(keys)}, index="idempotency")
        stored, stored_keys = [one["_id"] for one in by_id], [one["idempotency"]["key"] for one in by_key]
        if self._limits.live is None:
            return _Known(stored, stored_keys, [])
        running = {**scope.where, "finished_at": None, "status": {"$in": LIVE_VALUES}}
        live = await self._found(running, index="unfinished", most=self._limits.live + 1)
        running_ones = {
            one["_id"]: {"id": one["_id"], "key": (one.get("idempotency") or {}).get("key")}
            for one in (*by_id, *by_key, *live)
            if one["status"] in LIVE_VALUES
        }
        return _Known(stored, stored_keys, list(running_ones.values()))

    async def _found(self, where: Fields, *, index: str, most: int = 0) -> list[dict[str, Any]]:
        return (
            await self._finetunings.find(where, {"status": 1, "idempotency.key": 1})
            .hint(index)
            .limit(most)
            .to_list()
        )


def _stages(entry: Fields, *, known: _Known, limits: QuotaLimits, now: Expression) -> list[Fields]:
    """Return the update: forget what has ended, add what was not listed, then count if there is room."""
    today = {"$dateTrunc": {"date": now, "unit": "day"}}
    keys, live = literal(known.keys), literal(known.live)
    is_young = {"$gt": ["$$this.at", later(now, -STORED_WITHIN_S)]}
    is_stored = {"$or": [{"$in": ["$$this.id", literal(known.stored)]}, {"$in": ["$$this.key", keys]}]}
    is_live = {"$in": ["$$this.id", literal([one["id"] for one in known.live])]}
    kept = (
        is_young if limits.live is None else {"$or": [is_live, {"$and": [is_young, {"$not": [is_stored]}]}]}
    )
    held = {"$filter": {"input": {"$ifNull": ["$held", []]}, "as": "this", "cond": kept}}
    unlisted = {
        "$filter": {"input": live, "as": "this", "cond": {"$not": [{"$in": ["$$this.id", "$held.id"]}]}}
    }
    added = {"$map": {"input": unlisted, "as": "one", "in": {"$mergeObjects": ["$$one", {"at": now}]}}}
    is_known = {"$or": [{"$in": [entry["key"], "$held.key"]}, {"$in": [entry["key"], keys]}]}
    is_repeated = {"$and": [{"$ne": [entry["key"], None]}, is_known]}
    is_new = {"$and": [{"$eq": ["$full", None]}, {"$not": ["$repeated"]}]}
    return [
        {
            "$set": {
                "held": held,
                "creates": {"$cond": [{"$eq": ["$day", today]}, "$creates", 0]},
                "day": today,
            }
        },
        {"$set": {"held": {"$concatArrays": ["$held", added]}}},
        {"$set": {"repeated": is_repeated}},
        {"$set": {"full": _full(limits)}},
        {
            "$set": {
                "held": {"$concatArrays": ["$held", {"$cond": [is_new, [entry], []]}]},
                "creates": {"$add": ["$creates", {"$cond": [is_new, 1, 0]}]},
            }
        },
    ]


def _full(limits: QuotaLimits) -> Expression:
    """Return the name of the first used-up quota, or null."""
    found = [
        (Quota.LIVE, {"$size": "$held"}, limits.live),
        (Quota.CREATES, "$creates", limits.creates_a_day),
    ]
    branches: list[Fields] = [{"case": "$repeated", "then": None}]
    branches += [
        {"case": {"$gte": [count, most]}, "then": quota.value}
        for quota, count, most in found
        if most is not None
    ]
    return {"$switch": {"branches": branches, "default": None}}
