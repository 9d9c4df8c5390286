"""The stored audit entries: they are appended and read, and nothing here changes or removes one.

MongoDB itself removes an entry at the end of its days.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, OperationFailure

from graphql_api.documents import AuditEntry
from graphql_api.store.expressions import Expression, Fields, mongodb_time

EXPIRY = "expiry"
_ANOTHER_LIFE = 85
"""MongoDB's IndexOptionsConflict: the index of the expiry exists with another number of seconds."""

Collection = AsyncCollection[dict[str, Any]]


class AuditEntries:
    """Appends to the collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def append(self, entries: Sequence[Fields]) -> list[Fields]:
        """Store the entries, all in one write; returns those that MongoDB refuses.

        To repeat the call is safe: an entry that is stored already stays as it is, with its time.
        """
        writes = [UpdateOne({"_id": one["_id"]}, _as_given(one), upsert=True) for one in entries]
        try:
            await self._collection.bulk_write(writes, ordered=False)
        except BulkWriteError as partly:
            refused = [entries[error["index"]] for error in (partly.details or {}).get("writeErrors", ())]
            if not refused:
                raise
            return refused
        return []

    async def keep_for(self, days: int) -> None:
        """Let MongoDB remove entries after as many days; this holds for the stored ones, too."""
        seconds = int(timedelta(days=days).total_seconds())
        expiry = IndexModel([("created_at", ASCENDING)], name=EXPIRY, expireAfterSeconds=seconds)
        try:
            await self._collection.create_indexes([expiry])
        except OperationFailure as refused:
            if refused.code != _ANOTHER_LIFE:
                raise
            changed = {"name": EXPIRY, "expireAfterSeconds": seconds}
            await self._collection.database.command("collMod", self._collection.name, index=changed)


async def oldest_first(*, since: datetime | None, tenant: str | None) -> AsyncIterator[AuditEntry]:
    """Yield the entries of one tenant, or of all, from this moment on."""
    where: Fields = {} if since is None else {"created_at": {"$gte": since}}
    if tenant is not None:
        where["tenant"] = tenant
    async for found in AuditEntry.get_pymongo_collection().find(where).sort("created_at", ASCENDING):
        yield AuditEntry.model_validate(found)


def _as_given(entry: Fields) -> Expression:
    """Return the write of a new entry, at MongoDB's time; a stored one stays as it is."""
    born = {"$mergeObjects": [{"$literal": entry}, {"created_at": mongodb_time()}]}
    return [{"$replaceWith": {"$cond": ["$action", "$$ROOT", born]}}]
