"""Which finetunings would miss a part of the catalogue if it were deleted."""

from bson import ObjectId

from graphql_api.documents import Finetuning, GoldenRecord
from graphql_api.finetunings.expressions import LIVE_VALUES, Fields

MOST_NAMED = 100
"""How many finetunings an answer names at most."""


async def users_of_connection(db_connection_id: ObjectId, *, tenant: str) -> list[str]:
    """Return the ids of finetunings from this connection that have not ended, ``MOST_NAMED`` at most."""
    return await _live({"tenant": tenant, "db_connection_id": db_connection_id})


async def users_of_golden_record(record: GoldenRecord) -> list[str]:
    """Return the ids of finetunings that chose this record by its id and have yet to upload it."""
    of_connection = {"tenant": record.tenant, "db_connection_id": record.db_connection_id}
    return await _live({**of_connection, "golden_records": record.id, "finetuning_file_id": None})


async def _live(where: Fields) -> list[str]:
    found = Finetuning.get_pymongo_collection().find({**where, "status": {"$in": LIVE_VALUES}}, ["_id"])
    return [str(one["_id"]) async for one in found.limit(MOST_NAMED)]
