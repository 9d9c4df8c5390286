"""Chores: one server of all takes each in a period.

The clock is MongoDB's.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from graphql_api.store.database import Database
from graphql_api.store.periodic_tasks import Chores

HOUR_S = 3600


@pytest.fixture
def chores(database: Database) -> Chores:
    """Yield the chores of one server."""
    return Chores(database["chores"])


async def make_due(database: Database, name: str, *, for_s: float = 1) -> None:
    """Let the chore have been due for some seconds."""
    due_at = datetime.now(UTC) - timedelta(seconds=for_s)
    await database["chores"].update_one({"_id": name}, {"$set": {"due_at": due_at}})


async def mongodb_now(database: Database) -> datetime:
    """Return the time of MongoDB's clock."""
    now: datetime = (await database.command("hello"))["localTime"]
    return now.replace(tzinfo=UTC)


async def test_a_chore_is_taken_once_in_a_period(database: Database, chores: Chores) -> None:
    """The first to come does it; before it is due again, no other does."""
    assert await chores.take("sync", every_s=HOUR_S) is True
    assert [await Chores(database["chores"]).take("sync", every_s=HOUR_S) for _ in range(3)] == [False] * 3
    await make_due(database, "sync")
    assert [await chores.take("sync", every_s=HOUR_S) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("is_new", [True, False])
async def test_of_many_servers_one_takes_it(database: Database, chores: Chores, is_new: bool) -> None:
    """Whether it was ever done before or not."""
    if not is_new:
        await chores.take("sync", every_s=HOUR_S)
        await make_due(database, "sync")
    servers = [Chores(database["chores"]) for _ in range(10)]
    taken = await asyncio.gather(*[server.take("sync", every_s=HOUR_S) for server in servers])
    assert sorted(taken) == [False] * 9 + [True]
    assert await database["chores"].count_documents({}) == 1


async def test_chores_do_not_wait_for_each_other(chores: Chores) -> None:
    """Each name has its own time."""
    names = ["sync", "watchdog", "sweep"]
    assert [await chores.take(name, every_s=HOUR_S) for name in names] == [True] * 3
    assert [await chores.take(name, every_s=HOUR_S) for name in names] == [False] * 3


async def test_the_next_time_is_mongodbs(database: Database, chores: Chores) -> None:
    """It counts from when the chore was taken, however long it had been due."""
    for _ in range(2):
        before = await mongodb_now(database)
        assert await chores.take("sync", every_s=HOUR_S) is True
        after = await mongodb_now(database)
        stored = await database["chores"].find_one({"_id": "sync"})
        assert stored is not None
        assert before <= stored["due_at"] - timedelta(seconds=HOUR_S) <= after
        await make_due(database, "sync", for_s=10 * HOUR_S)


async def test_a_much_shorter_interval_takes_effect_at_once(database: Database, chores: Chores) -> None:
    """A wait of the longer one is not waited for."""
    await chores.take("sync", every_s=HOUR_S)
    assert [await chores.take("sync", every_s=HOUR_S / 3) for _ in range(2)] == [True, False]


async def test_who_came_first_and_runs_second_takes_nothing(database: Database, chores: Chores) -> None:
    """To this operation, the due time that the other one stored lies over an interval ahead."""
    await chores.take("sync", every_s=HOUR_S)
    await make_due(database, "sync", for_s=-HOUR_S - 1)
    assert await chores.take("sync", every_s=HOUR_S) is False


async def test_only_due_chores_are_to_be_taken(database: Database, chores: Chores) -> None:
    """A new one, one whose time has come, and one that rests for a longer interval than its own."""
    await chores.take("rests", every_s=HOUR_S)
    await chores.take("rests too long", every_s=3 * HOUR_S)
    await chores.take("is due", every_s=HOUR_S)
    await make_due(database, "is due")
    intervals_s = dict.fromkeys(["rests", "rests too long", "is due", "is new"], HOUR_S)
    assert await chores.due(intervals_s) == {"rests too long", "is due", "is new"}
