"""MongoDB's driver behind the guard.

Nothing of it reaches the network past the guard.
"""

import asyncio
import gc
import re
from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, cast

import pytest
from pymongo import AsyncMongoClient, InsertOne, monitoring
from pymongo.errors import InvalidOperation, OperationFailure

import graphql_api
from graphql_api.documents import Finetuning
from graphql_api.store.database import Database, guard_of, initialise, reserved
from graphql_api.store.guard import Guard, Lane
from graphql_api.store.guarded import _GUARDED, Guarded, GuardedClient, GuardedCursor, GuardedStream

OWN = {"close", "next", "to_list", "alive"}
"""What the guarded objects do themselves; each is tried here."""

DRIVERS_OWN = {"killCursors", "endSessions"}
"""What the driver sends by itself, from a task of its own that nobody of ours cancels."""


class Listener(monitoring.CommandListener):
    """Notes each command by whether the guard ran it."""

    def __init__(self, guard: Guard) -> None:
        self.inside: list[str] = []
        self.outside: list[str] = []
        self.finds = asyncio.Event()
        self._guard = guard

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Look at the task that sends the command."""
        running = [task for traffic in self._guard._traffic.values() for task in traffic.running]
        (self.inside if asyncio.current_task() in running else self.outside).append(event.command_name)
        if event.command_name == "find":
            self.finds.set()

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Do nothing."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Do nothing."""


@pytest.fixture
async def watched(mongodb_uri: str) -> AsyncIterator[tuple[Database, Listener]]:
    """Yield a database behind a guard, and the listener to its commands."""
    guard = Guard(timeout_s=10)
    listener = Listener(guard)
    driven: Any = AsyncMongoClient(mongodb_uri, event_listeners=[listener], tz_aware=True, timeoutMS=10_000)
    async with GuardedClient(driven, guard, Lane.ORDINARY) as client:
        yield client["guarded"], listener
        await client.drop_database("guarded")
    assert set(listener.outside) <= DRIVERS_OWN


async def test_every_kind_of_operation_goes_through_the_guard(watched: tuple[Database, Listener]) -> None:
    """Collections, cursors, databases, sessions, streams and Beanie's own calls send nothing past it."""
    database, listener = watched
    await initialise(database)
    things = database["things"]
    async with await things.watch(max_await_time_ms=1) as stream:
        await things.insert_many([{"_id": number} for number in range(250)])
        await things.bulk_write([InsertOne({"_id": 250})])
        change = await stream.next()
        assert change["documentKey"] == {"_id": 0}
    assert [one["_id"] async for one in things.find().sort("_id").batch_size(120)] == list(range(251))
    assert len(await things.find().to_list()) == 251
    counted = await things.aggregate([{"$group": {"_id": None, "count": {"$sum": 1}}}])
    assert [one["count"] async for one in counted] == [251]
    assert await things.count_documents({}) == 251
    assert await things.distinct("_id", {"_id": {"$lt": 2}}) == [0, 1]
    async with database.client.start_session() as session:
        assert await things.find_one({"_id": 7}, session=session) == {"_id": 7}
    assert await Finetuning.find({}).to_list() == []
    assert await Finetuning.find_one({}) is None
    await things.drop_indexes()
    assert [one["name"] async for one in await things.list_indexes()] == ["_id_"]
    assert (await database.command("ping"))["ok"] == 1
    assert await database.client.is_primary
    assert listener.outside == []
    sent = {"insert", "find", "getMore", "aggregate", "distinct", "ping", "createIndexes", "listIndexes"}
    assert sent <= set(listener.inside)


@pytest.mark.parametrize("kind", _GUARDED, ids=lambda kind: kind.__name__)
def test_no_method_of_the_driver_is_shadowed(kind: type) -> None:
    """All abilities of the driver are reached by way of the one place with a look at their results."""
    public = {name for name in dir(kind) if not name.startswith("_")}
    shadowed = public & {name for name in dir(_GUARDED[kind]) if not name.startswith("_")}
    assert shadowed <= OWN
    assert any(iscoroutinefunction(getattr(kind, name)) for name in public - shadowed)


async def test_what_has_no_guard_yet_is_refused(watched: tuple[Database, Listener]) -> None:
    """An object of the driver unknown to this module is not handed out, so no way leads past it."""
    database, _ = watched
    async with database.client.start_session() as session:
        with pytest.raises(TypeError, match="the driver's _TransactionContext has no guard yet"):
            await session.start_transaction()
        await session.abort_transaction()
    with pytest.raises(TypeError, match="the driver's AsyncDatabaseChangeStream has no guard yet"):
        await database.watch()


def test_nobody_else_makes_a_client() -> None:
    """Behind the guard stands the one in use; the other is used once, before there is any load."""
    package = Path(graphql_api.__file__).parent
    made = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if re.search(r"MongoClient(\[.*\])?\(", file.read_text())
    }
    assert made == {"store/database.py", "embedded_mongod/replica_set.py"}


async def test_a_cursor_that_was_left_closes_itself(watched: tuple[Database, Listener]) -> None:
    """Its last operation ends first; only then is it closed, and nothing else is asked of it meanwhile."""
    database, listener = watched
    await database["things"].insert_many([{"_id": number} for number in range(250)])
    cursor = cast(GuardedCursor, database["things"].find({"$where": "sleep(2) || true"}).batch_size(2))
    loop = asyncio.create_task(anext(cursor))
    await listener.finds.wait()
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert cursor._driven.cursor_id is None
    with pytest.raises(InvalidOperation, match="left before its end"):
        await anext(cursor)
    await cursor.close()  # which is the operation's now
    await guard_of(database).finish()
    assert not cursor._driven.alive
    assert listener.outside == []


async def test_a_stream_that_was_left_closes_itself_in_its_own_lane(
    watched: tuple[Database, Listener],
) -> None:
    """A cancelled listener does not wait for its change."""
    database, _ = watched
    places = guard_of(database)._traffic[Lane.LISTENING].places
    async with await database["things"].watch(max_await_time_ms=200) as opened:
        stream = cast(GuardedStream, opened)
        listening = asyncio.create_task(stream.next())
        await asyncio.sleep(0.05)
        assert places._value == Lane.LISTENING.places - 1
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        assert stream._driven.alive
    while places._value < Lane.LISTENING.places:  # noqa: ASYNC110 - the guard announces nothing
        await asyncio.sleep(0.01)
    assert not stream._driven.alive


async def test_a_cursor_that_was_never_asked_leaves_nothing_behind(
    watched: tuple[Database, Listener],
) -> None:
    """A caller cancelled before there is a place has asked MongoDB for nothing, without a warning."""
    database, listener = watched
    guard, answers = guard_of(database), asyncio.Event()
    others = [
        asyncio.create_task(guard.run(answers.wait(), lane=Lane.ORDINARY))
        for _ in range(Lane.ORDINARY.places)
    ]
    await asyncio.sleep(0)
    reading = asyncio.create_task(database["things"].find().to_list())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    gc.collect()
    answers.set()
    await asyncio.gather(*others)
    assert "find" not in listener.inside


async def test_a_loop_keeps_to_what_the_cursor_has(watched: tuple[Database, Listener]) -> None:
    """Documents that were taken ahead are not lost: there is more as long as any is left."""
    database, _ = watched
    await database["things"].insert_many([{"_id": number} for number in range(3)])
    cursor = database["things"].find()
    assert await cursor.next() == {"_id": 0}
    was_alive = cursor.alive
    with pytest.raises(InvalidOperation, match="a loop over this cursor has begun"):
        await cursor.to_list()
    assert [await anext(cursor), await anext(cursor)] == [{"_id": 1}, {"_id": 2}]
    assert (was_alive, cursor.alive) == (True, False)
    with pytest.raises(StopAsyncIteration):
        await anext(cursor)


async def test_errors_and_reprs_are_the_drivers(watched: tuple[Database, Listener]) -> None:
    """A look shows the guarded object; a refusal by MongoDB is raised as ever."""
    database, _ = watched
    assert repr(database["things"]) == "<guarded AsyncCollection>"
    with pytest.raises(OperationFailure):
        await database.command("nonsense")


async def test_the_reserve_is_the_same_database(database: Database) -> None:
    """Its operations take places of their own, and all objects from it are reserved as well."""
    reserve = reserved(database)
    assert reserve.name == database.name
    assert guard_of(reserve) is guard_of(database)
    for made in (reserve["things"], reserve["things"].with_options(), reserve["things"].find()):
        assert cast(Guarded, made)._lane is Lane.RESERVED
    assert cast(Guarded, database["things"])._lane is Lane.ORDINARY
