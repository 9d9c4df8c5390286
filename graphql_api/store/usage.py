"""Which finetunings would miss a part of the catalogue if it were deleted."""

from typing import Any

from bson import ObjectId
from pymongo.asynchronous.cursor import AsyncCursor

from graphql_api.documents import Finetuning, GoldenRecord, GoldenRecordIds
from graphql_api.store.expressions import LIVE_VALUES, Fields

MOST_NAMED = 100
"""How many finetunings an answer names at most."""


async def users_of_connection(db_connection_id: ObjectId, *, tenant: str) -> list[str]:
    """Return the ids of finetunings from this connection that have not ended, ``MOST_NAMED`` at most."""
    found = _live({"tenant": tenant, "db_connection_id": db_connection_id}, fields=["_id"])
    return [str(one["_id"]) async for one in found.limit(MOST_NAMED)]


async def users_of_golden_record(record: GoldenRecord) -> list[str]:
    """Return the ids of finetunings that chose this record by its id and have yet to upload it."""
    of_connection = {"tenant": record.tenant, "db_connection_id": record.db_connection_id}
    waiting = {**of_connection, "golden_records": {"$ne": None}, "finetuning_file_id": None}
    found = _live(waiting, fields=["golden_records"])
    users = [one["_id"] async for one in found if record.id in GoldenRecordIds(one["golden_records"])]
    return [str(user) for user in users[:MOST_NAMED]]


def _live(where: Fields, *, fields: list[str]) -> AsyncCursor[dict[str, Any]]:
    live = {**where, "status": {"$in": LIVE_VALUES}}
    return Finetuning.get_pymongo_collection().find(live, fields)
