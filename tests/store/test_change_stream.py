"""The change stream: changes visible to clients.

The engine's housekeeping is not in it.
"""

from typing import Any

from beanie import PydanticObjectId
from pymongo.asynchronous.change_stream import AsyncChangeStream

from graphql_api.store.change_stream import HOUSEKEEPING, ChangeStream
from graphql_api.store.database import Database

TENANT = "acme"


async def written(database: Database, *updates: dict[str, Any]) -> PydanticObjectId:
    """Insert a document and update it, and return its id."""
    one = PydanticObjectId()
    await database["finetunings"].insert_one({"_id": one, "tenant": TENANT, "version": 0})
    for update in updates:
        await database["finetunings"].update_one({"_id": one}, update)
    return one


async def seen(stream: AsyncChangeStream[dict[str, Any]], *, count: int) -> list[tuple[str, object]]:
    """Return the next changes: their operation and the document's id."""
    changes = [await stream.next() for _ in range(count)]
    return [(change["operationType"], change["documentKey"]["_id"]) for change in changes]


async def test_housekeeping_is_not_seen(database: Database) -> None:
    """Alone it is no change, not even a part of it; with anything else it is."""
    async with await ChangeStream(database).open(None) as stream:
        alone: list[dict[str, Any]] = [{"$set": {field: {"a": 1}}} for field in HOUSEKEEPING]
        inner = {"$set": {"lease.expires_at": 2, "log_work.token": "t"}}
        one = await written(database, *alone, inner, {"$set": {"lease": None, "version": 1}})
        another = await written(database)
        assert await seen(stream, count=3) == [("insert", one), ("update", one), ("insert", another)]


async def test_a_stream_starts_now_or_after_its_token(database: Database) -> None:
    """Earlier changes are not repeated, and no change between two streams is missed."""
    await written(database)
    changes = ChangeStream(database)
    async with await changes.open(None) as stream:
        first = await written(database)
        assert await seen(stream, count=1) == [("insert", first)]
        token = stream.resume_token
    second = await written(database)
    async with await changes.open(token) as stream:
        assert await seen(stream, count=1) == [("insert", second)]


async def test_an_update_comes_with_the_document(database: Database) -> None:
    """As it is when the change is read."""
    async with await ChangeStream(database).open(None) as stream:
        await written(database, {"$set": {"version": 1}})
        await stream.next()
        assert (await stream.next())["fullDocument"]["version"] == 1


async def test_watched_ones_are_read_again(database: Database) -> None:
    """Those with these ids however old, and a tenant's as far as they changed in the lost time."""
    named, old, new, stranger = [await written(database) for _ in range(4)]
    finetunings = database["finetunings"]
    await finetunings.update_one({"_id": stranger}, {"$set": {"tenant": "other"}})
    for one, seconds in ((named, 3600), (old, 3600), (new, 0), (stranger, 0)):
        changed_at = {"$subtract": ["$$NOW", seconds * 1000]}
        await finetunings.update_one({"_id": one}, [{"$set": {"updated_at": changed_at}}])
    changes = ChangeStream(database)
    found = [one["_id"] async for one in changes.watched([named, TENANT], lost_s=1800)]
    assert sorted(found) == sorted([named, new])
    assert [one async for one in changes.watched([], lost_s=1800)] == []
