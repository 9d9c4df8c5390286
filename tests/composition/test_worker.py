"""The worker's slots: each works by itself.

A slot works as long as there is work, and no slot stops another.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from structlog.testing import capture_logs

from graphql_api.composition.worker import Work, Worker

NEVER_S = 3600
"""So long that a slot which waits for it fails the test."""


@asynccontextmanager
async def _running(work: Work, *, slots: int = 1, idle_s: float = NEVER_S) -> AsyncIterator[Worker]:
    """Run a worker for the time of a test."""
    worker = Worker(work, slots=slots, idle_s=idle_s)
    task = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(10):
            yield worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Jobs:
    """Due work: a number of pieces, each done by ``do``."""

    def __init__(self, count: int, do: Callable[[int], Awaitable[None]] | None = None) -> None:
        self.left = count
        self.looks = 0
        self.looked = asyncio.Event()
        self._do = do

    async def __call__(self) -> bool:
        """Do one piece of work, if there is any."""
        self.looks += 1
        self.looked.set()
        if not self.left:
            return False
        self.left -= 1
        if self._do:
            await self._do(self.left)
        return True

    async def looked_at(self, times: int) -> None:
        """Wait until the work was asked for so often."""
        while self.looks < times:
            self.looked.clear()
            await self.looked.wait()


async def test_works_until_nothing_is_due() -> None:
    """A slot does all that is due without a pause, and then waits."""
    jobs = Jobs(100)
    async with _running(jobs):
        await jobs.looked_at(101)
        await asyncio.sleep(0)
    assert (jobs.left, jobs.looks) == (0, 101)


async def test_wake_makes_it_look_at_once() -> None:
    """A waiting slot looks again as soon as it is woken, once for each time it waits."""
    jobs = Jobs(0)
    async with _running(jobs) as worker:
        for looks in range(1, 5):
            await jobs.looked_at(looks)
            worker.wake()
        await jobs.looked_at(5)
        await asyncio.sleep(0)
    assert jobs.looks == 5


async def test_wake_is_not_lost_on_a_slot_at_work() -> None:
    """The slot looks for work announced meanwhile right after its turn, not a pause later."""
    announced = asyncio.Event()

    async def last_look(_: int) -> None:
        announced.set()

    jobs = Jobs(1, last_look)
    async with _running(jobs) as worker:
        worker.wake()
        await announced.wait()
        await jobs.looked_at(3)
    assert jobs.looks == 3


async def test_looks_again_without_being_woken() -> None:
    """Without a wake a slot looks again every so many seconds."""
    jobs = Jobs(0)
    async with _running(jobs, idle_s=0.001):
        await jobs.looked_at(5)


@pytest.mark.parametrize("slots", [1, 3])
async def test_slots_work_side_by_side(slots: int) -> None:
    """As many pieces of work are under way at once as there are slots, and never more."""
    under_way, most, let_on = 0, 0, asyncio.Semaphore(0)

    async def work(_: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await let_on.acquire()
        under_way -= 1

    jobs = Jobs(6, work)
    async with _running(jobs, slots=slots):
        await jobs.looked_at(slots)
        for _ in range(6):
            await asyncio.sleep(0)
            let_on.release()
        await jobs.looked_at(6 + slots)
    assert (most, jobs.left) == (slots, 0)


async def test_a_failure_stops_nothing() -> None:
    """A piece of work that fails is logged with its traceback, and neither its slot nor another stops."""

    async def work(number: int) -> None:
        if number % 2:
            raise ValueError(f"piece {number}")

    jobs = Jobs(6, work)
    with capture_logs() as logged:
        async with _running(jobs, slots=2, idle_s=0.001):
            await jobs.looked_at(10)
    assert jobs.left == 0
    assert [line["event"] for line in logged] == [
        "a piece of work failed; it is repeated after the end of its lease"
    ] * 3
    assert all(line["exc_info"] and line["log_level"] == "error" for line in logged)


async def test_a_slot_that_keeps_failing_waits_between() -> None:
    """A failure counts as nothing done: the slot pauses before it tries again."""

    async def work(_: int) -> None:
        raise ValueError("always")

    jobs = Jobs(100, work)
    with capture_logs():
        async with _running(jobs):
            await jobs.looked_at(1)
            await asyncio.sleep(0.01)  # a slot that did not pause would look hundreds of times
    assert jobs.looks == 1


async def test_cancellation_reaches_the_work() -> None:
    """A cancelled worker ends after its work has seen the cancel and given everything back."""
    started, given_back = asyncio.Event(), []

    async def work(number: int) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            given_back.append(number)
            raise

    jobs = Jobs(2, work)
    task = asyncio.create_task(Worker(jobs, slots=2, idle_s=NEVER_S).run())
    await jobs.looked_at(2)
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(given_back) == [0, 1]


@pytest.mark.parametrize("is_more", [True, False])
async def test_a_lost_cancellation_ends_the_worker(is_more: bool) -> None:
    """A worker ends also if the work under way loses its cancellation, and takes on nothing more."""
    started, looks = asyncio.Event(), 0

    async def work() -> bool:
        nonlocal looks
        looks += 1
        started.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return is_more

    task = asyncio.create_task(Worker(work, slots=1, idle_s=NEVER_S).run())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(10):
            await task
    assert looks == 1
