"""MongoDB's change stream of the finetunings."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from bson import Timestamp
from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream

from graphql_api.store.database import Database

HOUSEKEEPING = ["due_at", "hinted_at", "lease", "log_place", "log_work"]
"""Fields of the engine alone: clients do not see them."""

Document = Mapping[str, Any]
Stream = AsyncCollectionChangeStream[dict[str, Any]]

_CHANGED = {
    "$map": {
        "input": {"$objectToArray": {"$ifNull": ["$updateDescription.updatedFields", {}]}},
        "in": {"$arrayElemAt": [{"$split": ["$$this.k", "."]}, 0]},
    }
}
VISIBLE: Document = {
    "$or": [
        {"operationType": {"$in": ["insert", "replace", "invalidate"]}},
        {"$expr": {"$gt": [{"$size": {"$setDifference": [_CHANGED, HOUSEKEEPING]}}, 0]}},
    ]
}
"""The filter of changes visible to clients: a new lease alone is not visible."""


class ChangeStream:
    """Opens the stream, and reads the watched finetunings again."""

    def __init__(self, database: Database) -> None:
        self._finetunings = database["finetunings"]

    async def open(self, token: Document | None) -> Stream:
        """Return the stream from this token on, or from now on."""
        # By default a stream starts after all writes, even those without a majority yet. A majority read of
        # the present does not show these writes, and neither would the stream. So it starts at such a read.
        start = await self._committed_at() if token is None else None
        return await self._finetunings.watch(
            [{"$match": VISIBLE}],
            full_document="updateLookup",
            resume_after=token,
            start_at_operation_time=start,
        )

    async def _committed_at(self) -> Timestamp | None:
        """Return the first time not covered by a majority read, or ``None`` if the server gives no time."""
        async with self._finetunings.database.client.start_session() as session:
            await self._finetunings.find_one({"_id": None}, ["_id"], session=session)
            reached = session.operation_time
        return reached and Timestamp(reached.time, reached.inc + 1)

    async def watched(self, topics: Sequence[object], *, lost_s: float) -> AsyncIterator[Document]:
        """Yield the finetunings with these ids, and those of these tenants changed in the last ``lost_s``."""
        since = {"$expr": {"$gte": ["$updated_at", {"$subtract": ["$$NOW", int(lost_s * 1000)]}]}}
        async for document in self._finetunings.find(
            {"$or": [{"_id": {"$in": topics}}, {"tenant": {"$in": topics}, **since}]}
        ):
            yield document
