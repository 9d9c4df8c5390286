"""The guard: every operation on MongoDB runs in a task of its own, which no cancellation reaches.

A cancellation in the middle of the driver's own waiting can leave its pool locked: on Python 3.11 for good,
and for everybody. So whoever is cancelled goes on at once, and the operation comes to its end by itself. A
time limit outside the driver frees the caller even where the driver never answers.
"""

import asyncio
from collections.abc import Callable, Coroutine
from enum import Enum
from time import monotonic
from typing import Any, TypeVar

from pymongo import timeout
from pymongo.errors import ConnectionFailure

T = TypeVar("T")
Operation = Coroutine[Any, Any, T]

CONNECTIONS = 100
"""The size of the driver's pool. All lanes together have fewer places, so that nobody waits in the pool."""

PATIENCE_S = 2.0
"""How much longer than the driver's own time limit its caller waits for it."""


class Lane(Enum):
    """Whose operations share a number of connections, which those of no other lane can take from them."""

    ORDINARY = "ordinary"
    RESERVED = "reserved"
    LISTENING = "listening"

    @property
    def places(self) -> int:
        """How many operations the lane has under way at once."""
        return _PLACES[self]


_PLACES = {
    # Reads, and writes to the catalogue. More of them would take MongoDB's processors from a cancel.
    Lane.ORDINARY: 32,
    Lane.RESERVED: 24,  # whatever changes a finetuning: cancels, leases, the worker's turns
    Lane.LISTENING: 4,  # change streams: each of their operations waits until something happens
}


class StuckError(ConnectionFailure):
    """The store did not answer in time; what was begun may still come to its end."""

    @property
    def timeout(self) -> bool:
        """Whether it is about time, as the driver's own errors say it."""
        return True


class Guard:
    """Runs the operations of one client, each of which the driver ends in ``timeout_s``.

    A driver that does not do so is waited for ``patience_s`` longer.
    """

    def __init__(
        self, *, timeout_s: float, patience_s: float = PATIENCE_S, now: Callable[[], float] = monotonic
    ) -> None:
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._traffic = {lane: _Traffic(lane.places, now=now) for lane in Lane}

    async def run(self, operation: Operation[T], *, lane: Lane, left: Callable[[], None] = lambda: None) -> T:
        """Return what the operation returns; raises ``StuckError`` where that takes too long.

        ``left`` is called if its caller goes on before it has ended.
        """
        traffic, limit_s = self._traffic[lane], self._timeout_s
        if traffic.places.locked():
            limit_s = await self._queue(traffic, operation)
            operation = _within(limit_s, operation)
        else:
            await traffic.places.acquire()
        task = traffic.begin(operation)
        try:
            await asyncio.wait((task,), timeout=limit_s + self._patience_s)
        finally:
            if not task.done():
                left()
        if not task.done():
            raise StuckError(f"MongoDB's driver did not keep its own limit of {limit_s:.3g} s")
        return task.result()

    def stalled_s(self) -> float:
        """Return for how long operations have been under way, in some lane, of which none has ended."""
        return max(traffic.stalled_s() for traffic in self._traffic.values())

    async def finish(self) -> None:
        """Wait until what is under way has ended, as far as it ends in time and does not only listen."""
        waited = (Lane.ORDINARY, Lane.RESERVED)
        running = [task for lane in waited for task in self._traffic[lane].running]
        if running:
            await asyncio.wait(running, timeout=self._timeout_s + self._patience_s)

    async def _queue(self, traffic: "_Traffic", operation: Operation[Any]) -> float:
        """Wait for a place, and return how many seconds are left then."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout_s
        try:
            async with asyncio.timeout_at(deadline):
                await traffic.places.acquire()
            if (left_s := deadline - loop.time()) > 0:
                return left_s
            traffic.places.release()  # it came when the loop was busy, and too late
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            operation.close()
            raise
        operation.close()
        raise StuckError(f"MongoDB was asked for more than it answered in {self._timeout_s:.3g} s")


class _Traffic:
    """What is under way in one lane."""

    def __init__(self, places: int, *, now: Callable[[], float]) -> None:
        self.places = asyncio.Semaphore(places)
        self.running: dict[asyncio.Task[Any], float] = {}
        self._now = now
        self._moved_at = now()

    def begin(self, operation: Operation[T]) -> asyncio.Task[T]:
        """Begin an operation that has a place, which is free again when it has really ended."""
        task = asyncio.create_task(operation)
        self.running[task] = self._now()
        task.add_done_callback(self._end)
        return task

    def stalled_s(self) -> float:
        """Return for how long nothing has ended although something is under way."""
        for oldest in self.running.values():
            return self._now() - max(oldest, self._moved_at)
        return 0

    def _end(self, task: asyncio.Task[Any]) -> None:
        del self.running[task]
        self._moved_at = self._now()
        self.places.release()
        if not task.cancelled():
            task.exception()  # else asyncio complains of what nobody waits for any more


async def _within(seconds: float, operation: Operation[T]) -> T:
    """Run the operation in less time than the driver gives it by itself."""
    with timeout(seconds):
        return await operation
