"""The guard keeps cancellations away from MongoDB's driver.

Every operation runs in a task of its own. A cancellation in the middle of the driver's own waiting can leave
its pool locked: on Python 3.11 for good, and for everybody. So a cancelled caller goes on at once, and the
operation ends by itself. A time limit outside the driver frees the caller even if the driver never answers.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from enum import Enum
from time import monotonic
from typing import Any, TypeVar

from pymongo import timeout
from pymongo.errors import ConnectionFailure

T = TypeVar("T")
Operation = Coroutine[Any, Any, T]

CONNECTIONS = 100
"""The size of the driver's pool; all lanes together have fewer places, so no operation waits in the pool."""

SEARCH_S = 1.0
"""The longest time of one search without an index."""

AT_ONCE = 4
"""The most operations of one request at the same time: a request with a hundred fields leaves places free."""

PATIENCE_S = 2.0
"""How long a caller waits for the driver beyond the driver's own time limit."""


class Lane(Enum):
    """A kind of operations with connections of its own, safe from every other lane."""

    ORDINARY = "ordinary"
    SEARCHING = "searching"
    RESERVED = "reserved"
    LISTENING = "listening"

    @property
    def places(self) -> int:
        """How many operations of the lane run at the same time."""
        return _PLACES[self]


_PLACES = {
    # Reads, and writes to the catalogue. More of them would take MongoDB's processors from a cancel.
    Lane.ORDINARY: 32,
    Lane.SEARCHING: 4,  # searches without an index: each of them keeps a processor of MongoDB busy
    Lane.RESERVED: 24,  # changes of finetunings: cancels, leases, the worker's turns
    Lane.LISTENING: 4,  # change streams: each of their operations waits for something to happen
}


_share: ContextVar[asyncio.Semaphore | None] = ContextVar("share", default=None)
_SHARED = (Lane.ORDINARY, Lane.SEARCHING)


def begin_request() -> None:
    """Let the operations of this task, and of the tasks it begins, share the places of one request."""
    _share.set(asyncio.Semaphore(AT_ONCE))


class StuckError(ConnectionFailure):
    """The store did not answer in time; the operation may still come to its end."""

    @property
    def timeout(self) -> bool:
        """Whether this is a time limit, under the name used by the driver's own errors."""
        return True


class Guard:
    """Runs the operations of one client; the driver limits each to ``timeout_s``.

    If the driver does not keep to that, the caller waits ``patience_s`` longer and no more. A search has
    ``search_s`` at most.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        patience_s: float = PATIENCE_S,
        search_s: float = SEARCH_S,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._search_s = search_s
        self._traffic = {lane: _Traffic(lane.places, now=now) for lane in Lane}

    async def run(self, operation: Operation[T], *, lane: Lane, left: Callable[[], None] = lambda: None) -> T:
        """Return the operation's result; raises ``StuckError`` if that takes too long.

        Calls ``left`` if the caller goes on before the operation's end.
        """
        share = _share.get() if lane in _SHARED else None
        if share is None:
            return await self._run(operation, lane=lane, left=left, limit_s=self._timeout_s)
        left_s = await self._place(share, operation, within_s=self._timeout_s)
        try:
            return await self._run(operation, lane=lane, left=left, limit_s=left_s)
        finally:
            share.release()

    async def _run(
        self, operation: Operation[T], *, lane: Lane, left: Callable[[], None], limit_s: float
    ) -> T:
        traffic = self._traffic[lane]
        limit_s = await self._place(traffic.places, operation, within_s=limit_s)
        if lane is Lane.SEARCHING:
            limit_s = min(limit_s, self._search_s)
        if limit_s < self._timeout_s:
            operation = _within(limit_s, operation)
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
        """Return the longest time without the end of any operation, over all lanes with running ones."""
        return max(traffic.stalled_s() for traffic in self._traffic.values())

    async def finish(self) -> None:
        """Wait for the running operations, except listening ones, within the time limit and its patience."""
        waited = (Lane.ORDINARY, Lane.SEARCHING, Lane.RESERVED)
        running = [task for lane in waited for task in self._traffic[lane].running]
        if running:
            await asyncio.wait(running, timeout=self._timeout_s + self._patience_s)

    async def _place(self, places: asyncio.Semaphore, operation: Operation[Any], *, within_s: float) -> float:
        """Wait for a place, and return the seconds left after that: all, if one was free."""
        if not places.locked():
            await places.acquire()
            return within_s
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        try:
            async with asyncio.timeout_at(deadline):
                await places.acquire()
            if (left_s := deadline - loop.time()) > 0:
                return left_s
            places.release()  # the loop was busy, so the place came too late
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            operation.close()
            raise
        operation.close()
        raise StuckError(f"no connection to MongoDB was free for {self._timeout_s:.3g} s")


class _Traffic:
    """The running operations of one lane."""

    def __init__(self, places: int, *, now: Callable[[], float]) -> None:
        self.places = asyncio.Semaphore(places)
        self.running: dict[asyncio.Task[Any], float] = {}
        self._now = now
        self._moved_at = now()

    def begin(self, operation: Operation[T]) -> asyncio.Task[T]:
        """Begin an operation in its place; the place is free again after the operation's real end."""
        task = asyncio.create_task(operation)
        self.running[task] = self._now()
        task.add_done_callback(self._end)
        return task

    def stalled_s(self) -> float:
        """Return how long the oldest operation has been running without the end of any; 0 without one."""
        for oldest in self.running.values():
            return self._now() - max(oldest, self._moved_at)
        return 0

    def _end(self, task: asyncio.Task[Any]) -> None:
        del self.running[task]
        self._moved_at = self._now()
        self.places.release()
        if not task.cancelled():
            task.exception()  # else asyncio warns of an error without a reader


async def _within(seconds: float, operation: Operation[T]) -> T:
    """Run the operation with a shorter time limit than the driver's own."""
    with timeout(seconds):
        return await operation
