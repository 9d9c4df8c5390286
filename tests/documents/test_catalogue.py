"""Tombstones: the little that stays of a deleted document."""

from datetime import UTC, datetime
from typing import Any

from beanie import PydanticObjectId

from graphql_api.documents import DbConnection, Tombstone
from graphql_api.store.database import Database

BURIED_AT = datetime(2026, 1, 1, tzinfo=UTC)


async def buried(document: dict[str, Any]) -> dict[str, Any]:
    """Store the document, make a tombstone of it, and return that."""
    collection = DbConnection.get_pymongo_collection()
    await collection.insert_one(document)
    await collection.update_one({"_id": document["_id"]}, [Tombstone.STAGE])
    return await collection.find_one({"_id": document["_id"]}) or {}


async def test_a_tombstone_has_neither_content_nor_tenant(database: Database) -> None:
    """Its id, its former tenant and MongoDB's time are all that stay."""
    one = PydanticObjectId()
    left = await buried({"_id": one, "tenant": "acme", "alias": "library", "metadata": {"a": "b"}})
    assert {**left, "deleted_at": None} == {"_id": one, "deleted_tenant": "acme", "deleted_at": None}
    assert left["deleted_at"] > BURIED_AT


async def test_a_tombstone_is_not_buried_again(database: Database) -> None:
    """The first deletion's time stays."""
    tombstone = {"_id": PydanticObjectId(), "deleted_tenant": "acme", "deleted_at": BURIED_AT}
    assert await buried(tombstone) == tombstone


def test_a_tombstone_is_kept_for_thirty_days() -> None:
    """MongoDB removes it by its time of deletion."""
    index = Tombstone.INDEX.document
    assert (index["key"], index["expireAfterSeconds"]) == ({"deleted_at": 1}, 2_592_000)
