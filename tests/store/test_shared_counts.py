"""The budgets that servers share: counted in MongoDB, by its clock, in one write for each hit."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.read_concern import ReadConcern
from structlog.testing import capture_logs

from graphql_api.rate_limits import Budget, Counts
from graphql_api.store.database import Database, connect
from graphql_api.store.shared_counts import COLLECTION, PAUSE_S, SharedCounts
from tests.rated import Time
from tests.world import StoreClock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> StoreClock:
    """Return MongoDB's clock, at the start of a minute."""
    return StoreClock()


@pytest.fixture
def server(database: Database, clock: StoreClock) -> Callable[[], Budget]:
    """Return a maker of servers with the same budget, a hundred a minute."""

    def made() -> Budget:
        counts = SharedCounts(database[COLLECTION], mongodb_now=clock.now, limit_s=60)
        return Budget.of("100/minute", counts, kind="objects")

    return made


async def stored_in(database: Database) -> dict[str, Any]:
    """Return the one count, whether a majority has it or not."""
    latest = database[COLLECTION].with_options(read_concern=ReadConcern("local"))
    (stored,) = await latest.find({}).to_list()
    return stored


async def test_servers_share_a_budget(server: Callable[[], Budget]) -> None:
    """A refusal takes nothing."""
    one, other = server(), server()
    assert await one.take("ada", 60) is None
    assert await other.take("ada", 41) == 61
    assert [await other.take("ada", 40), await one.take("ada"), await one.take("bob")] == [None, 61, None]


async def test_many_at_once_never_take_more_than_the_limit(server: Callable[[], Budget]) -> None:
    """On two servers, from the very first hit on: each is one atomic write."""
    one, other = server(), server()
    found = await asyncio.gather(*(each.take("ada", 7) for _ in range(20) for each in (one, other)))
    assert found.count(None) == 14


@pytest.mark.parametrize("began_s", [0, 13, 59])
@pytest.mark.parametrize("amount", [1, 30, 100])
async def test_it_counts_as_memory_does(
    server: Callable[[], Budget], clock: StoreClock, began_s: float, amount: int
) -> None:
    """Decision for decision and wait for wait, over the windows' ends."""
    time = Time(0)
    memory, shared = Budget.of("100/minute", Counts(now=time.now), kind="objects"), server()
    for step_s in (began_s, 1, 20, 40, 1, 58, 3, 61, 200):
        clock.advance(step_s)
        time.pass_by(step_s)
        for taken in (amount, 60, 1):
            assert await shared.take("ada", taken) == await memory.take("ada", taken)


async def test_the_counts_of_accounts_at_rest_are_removed_by_mongodb(
    database: Database, server: Callable[[], Budget], clock: StoreClock
) -> None:
    """Two windows after their last hit; the time is MongoDB's."""
    await SharedCounts.opened(database)
    await server().take("ada")
    stored = await stored_in(database)
    assert stored["expires_at"] == clock.now() + 2 * MINUTE
    indexes = await database[COLLECTION].index_information()
    assert indexes["expires_at_1"]["expireAfterSeconds"] == 0


async def test_mongodbs_own_clock_is_the_default(database: Database) -> None:
    """Servers' clocks may differ."""
    budget = Budget.of("100/minute", await SharedCounts.opened(database), kind="objects")
    await budget.take("ada")
    stored = await stored_in(database)
    hello = await database.command("hello")
    assert abs(stored["expires_at"] - 2 * MINUTE - hello["localTime"].replace(tzinfo=UTC)) < MINUTE
    assert stored["expires_at"].year == datetime.now(UTC).year


@pytest.mark.parametrize(
    ("timeout_s", "limit_s", "error"),
    [(0.2, 60, "ServerSelectionTimeoutError"), (2, 0.05, "TimeoutError")],
)
async def test_without_mongodb_each_server_counts_alone(timeout_s: float, limit_s: float, error: str) -> None:
    """At once and for a while, with one line in the log; the limit holds for each process."""
    time = Time()
    async with connect("mongodb://127.0.0.1:1", timeout_s=timeout_s) as client:
        counts = SharedCounts(client["tests"][COLLECTION], now=time.now, limit_s=limit_s)
        budget = Budget.of("100/minute", counts, kind="objects")
        with capture_logs() as logged:
            assert [await budget.take("ada", amount) for amount in (60, 41, 40, 1)] == [None, 61, None, 61]
            assert len(logged) == 1
            time.pass_by(PAUSE_S)
            await budget.take("bob")
    told = "the shared budgets are out of reach, so this process counts alone for a while"
    assert [(line["event"], line["error"]) for line in logged] == [(told, error)] * 2
