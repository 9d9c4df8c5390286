"""The guard of MongoDB's operations.

No cancellation reaches an operation; no operation keeps its caller or takes others' places.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymongo import _csot
from pymongo.errors import OperationFailure

from graphql_api.store.database import is_broken_off, is_unavailable
from graphql_api.store.guard import AT_ONCE, CONNECTIONS, Guard, Lane, StuckError, begin_request

SOON_S = 0.02
"""A time limit that is over at once, for an operation that ends when the test says so."""


class Driver:
    """Stands for the driver: its operations end when the test says so, and tell how."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.ended: list[str] = []

    async def operate(self, *, fails: bool = False) -> str:
        """Wait for the answer, and note how the wait ended."""
        try:
            await self.answers.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("failed" if fails else "answered")
        if fails:
            raise OperationFailure("refused")
        return "an answer"


class Clock:
    """Time that only the test moves."""

    time = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.time


@pytest.fixture
async def driver() -> AsyncIterator[Driver]:
    """Yield a driver; all its operations end with the test."""
    driver = Driver()
    yield driver
    driver.answers.set()
    await asyncio.sleep(0.01)


async def begun() -> None:
    """Let everything that can begin do so."""
    for _ in range(5):
        await asyncio.sleep(0)


@asynccontextmanager
async def all_places_taken(guard: Guard, driver: Driver, lane: Lane) -> AsyncIterator[None]:
    """Have as many operations under way as the lane has places."""
    callers = [asyncio.create_task(guard.run(driver.operate(), lane=lane)) for _ in range(lane.places)]
    await begun()
    yield
    driver.answers.set()
    await asyncio.gather(*callers, return_exceptions=True)


async def test_a_cancelled_caller_goes_on_at_once_and_the_operation_ends_by_itself(driver: Driver) -> None:
    """The caller's cancellation does not reach the driver, and the operation is done."""
    guard = Guard(timeout_s=10)
    caller = asyncio.create_task(guard.run(driver.operate(), lane=Lane.ORDINARY))
    await begun()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert driver.ended == []
    driver.answers.set()
    await guard.finish()
    assert driver.ended == ["answered"]


async def test_a_driver_that_never_answers_keeps_nobody(driver: Driver) -> None:
    """Outside the driver's own time limit there is another: the store is unavailable then."""
    guard = Guard(timeout_s=SOON_S, patience_s=SOON_S)
    with pytest.raises(StuckError, match=r"did not keep its own limit of 0\.02 s") as raised:
        async with asyncio.timeout(5):
            await guard.run(driver.operate(), lane=Lane.ORDINARY)
    assert is_unavailable(raised.value)
    assert raised.value.timeout
    assert not is_broken_off(raised.value)
    assert driver.ended == []


async def test_what_nobody_waits_for_any_more_may_fail_in_silence(driver: Driver) -> None:
    """The error of an abandoned operation concerns no caller, and makes no complaint of asyncio."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    guard = Guard(timeout_s=SOON_S, patience_s=SOON_S)
    with pytest.raises(StuckError):
        await guard.run(driver.operate(fails=True), lane=Lane.ORDINARY)
    driver.answers.set()
    await begun()
    gc.collect()
    assert driver.ended == ["failed"]
    assert complaints == []


async def test_a_failure_is_the_callers(driver: Driver) -> None:
    """The driver's exception goes to its caller."""
    driver.answers.set()
    with pytest.raises(OperationFailure, match="refused"):
        await Guard(timeout_s=10).run(driver.operate(fails=True), lane=Lane.ORDINARY)


async def test_waiting_for_a_place_ends_in_time(driver: Driver) -> None:
    """If all places are taken for long, an operation is given up before it was begun."""
    guard = Guard(timeout_s=SOON_S, patience_s=5)
    unheard = Driver()
    async with all_places_taken(guard, driver, Lane.ORDINARY):
        with pytest.raises(StuckError, match=r"no connection to MongoDB was free for 0\.02 s"):
            await guard.run(unheard.operate(), lane=Lane.ORDINARY)
    assert unheard.ended == []


@pytest.mark.parametrize("turns", range(3))
async def test_a_place_that_comes_too_late_is_left_to_others(driver: Driver, turns: int) -> None:
    """A loop that was busy just then makes no difference: the time is over, and the place is free again."""
    guard, unheard = Guard(timeout_s=SOON_S), Driver()
    unheard.answers.set()
    async with all_places_taken(guard, driver, Lane.ORDINARY):
        caller = asyncio.create_task(guard.run(unheard.operate(), lane=Lane.ORDINARY))
        await begun()
        driver.answers.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        time.sleep(2 * SOON_S)  # noqa: ASYNC251 - to keep the loop busy is the point
        ends = (await asyncio.gather(caller, return_exceptions=True))[0]
    assert isinstance(ends, StuckError)
    assert guard._traffic[Lane.ORDINARY].places._value == Lane.ORDINARY.places


async def test_whoever_waits_for_a_place_can_be_cancelled(driver: Driver) -> None:
    """A caller that is cancelled before its operation began takes no place, and nothing is done."""
    guard, unheard = Guard(timeout_s=10), Driver()
    unheard.answers.set()
    async with all_places_taken(guard, driver, Lane.ORDINARY):
        caller = asyncio.create_task(guard.run(unheard.operate(), lane=Lane.ORDINARY))
        await begun()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
    assert unheard.ended == []
    assert await guard.run(unheard.operate(), lane=Lane.ORDINARY) == "an answer"


async def test_whoever_waited_for_a_place_has_less_time_left(driver: Driver) -> None:
    """The driver is told the rest of the time, so that waiting and operation together keep the limit."""
    guard = Guard(timeout_s=10)

    async def left() -> float | None:
        return _csot.remaining()

    assert await guard.run(left(), lane=Lane.ORDINARY) is None  # it keeps the client's own
    async with all_places_taken(guard, driver, Lane.ORDINARY):
        caller = asyncio.create_task(guard.run(left(), lane=Lane.ORDINARY))
        await asyncio.sleep(0.05)
        driver.answers.set()
        remaining = await caller
    assert remaining is not None
    assert 5 < remaining <= 9.96


@pytest.mark.parametrize("flooded", [Lane.ORDINARY, Lane.LISTENING])
async def test_the_reserve_is_not_for_others(driver: Driver, flooded: Lane) -> None:
    """While reads or listeners have every place of theirs and want more, a cancel gets through."""
    guard, other = Guard(timeout_s=10), Driver()
    other.answers.set()
    async with all_places_taken(guard, driver, flooded):
        waiting = asyncio.create_task(guard.run(driver.operate(), lane=flooded))
        await begun()
        async with asyncio.timeout(5):
            assert await guard.run(other.operate(), lane=Lane.RESERVED) == "an answer"
        assert not waiting.done()
        driver.answers.set()
        await waiting


async def test_a_place_is_free_when_its_operation_has_really_ended(driver: Driver) -> None:
    """An operation without its caller still has its connection, and so its place."""
    guard, next_one = Guard(timeout_s=SOON_S, patience_s=SOON_S), Driver()
    next_one.answers.set()
    stuck = [guard.run(driver.operate(), lane=Lane.LISTENING) for _ in range(Lane.LISTENING.places)]
    assert all(isinstance(end, StuckError) for end in await asyncio.gather(*stuck, return_exceptions=True))
    with pytest.raises(StuckError, match="no connection to MongoDB was free"):
        await guard.run(next_one.operate(), lane=Lane.LISTENING)
    driver.answers.set()
    await begun()
    assert await guard.run(next_one.operate(), lane=Lane.LISTENING) == "an answer"


def test_nobody_waits_in_the_drivers_own_pool() -> None:
    """All lanes together have fewer places than there are connections."""
    assert sum(lane.places for lane in Lane) < CONNECTIONS


async def test_the_path_has_stalled_where_something_is_under_way_and_nothing_ends() -> None:
    """It is counted from the last end, or from the beginning of the present operation."""
    clock, first, second = Clock(), Driver(), Driver()
    guard = Guard(timeout_s=10, now=clock)
    clock.time = 100
    assert guard.stalled_s() == 0
    callers = [asyncio.create_task(guard.run(one.operate(), lane=Lane.ORDINARY)) for one in (first, second)]
    await begun()
    clock.time = 130
    assert guard.stalled_s() == 30
    first.answers.set()
    await begun()
    assert guard.stalled_s() == 0
    clock.time = 145
    assert guard.stalled_s() == 15
    second.answers.set()
    await asyncio.gather(*callers)
    assert guard.stalled_s() == 0


async def test_an_outage_is_no_stall(driver: Driver) -> None:
    """Operations with an error at their end move the path as well as the answered ones."""
    clock, failing = Clock(), Driver()
    guard = Guard(timeout_s=10, now=clock)
    waiting = asyncio.create_task(guard.run(driver.operate(), lane=Lane.ORDINARY))
    await begun()
    clock.time = 60
    failing.answers.set()
    with pytest.raises(OperationFailure):
        await guard.run(failing.operate(fails=True), lane=Lane.ORDINARY)
    assert guard.stalled_s() == 0
    driver.answers.set()
    await waiting


async def test_one_lane_does_not_hide_that_another_has_stalled(driver: Driver) -> None:
    """A reader is not well only because the worker is."""
    clock, answering = Clock(), Driver()
    guard = Guard(timeout_s=10, now=clock)
    waiting = asyncio.create_task(guard.run(driver.operate(), lane=Lane.ORDINARY))
    await begun()
    clock.time = 60
    answering.answers.set()
    await guard.run(answering.operate(), lane=Lane.RESERVED)
    assert guard.stalled_s() == 60
    driver.answers.set()
    await waiting


async def test_a_request_of_many_operations_leaves_places_to_others(driver: Driver) -> None:
    """Eight of its hundred are under way; another caller's read, and a cancel, do not wait for it."""
    guard, other = Guard(timeout_s=10), Driver()
    other.answers.set()

    async def request() -> list[str]:
        begin_request()
        return await asyncio.gather(*(guard.run(driver.operate(), lane=Lane.ORDINARY) for _ in range(100)))

    heavy = asyncio.create_task(request())
    await begun()
    assert len(guard._traffic[Lane.ORDINARY].running) == AT_ONCE
    async with asyncio.timeout(5):
        assert await guard.run(other.operate(), lane=Lane.ORDINARY) == "an answer"
        assert await guard.run(other.operate(), lane=Lane.RESERVED) == "an answer"
    assert not heavy.done()
    driver.answers.set()
    assert await heavy == ["an answer"] * 100
