"""The worker: slots that do due work in the background."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from graphql_api.store.database import is_unavailable

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[bool]]
"""Does one piece of due work, and returns whether there was any."""


class Worker:
    """Slots for work: each works as long as work is due, then looks again every ``idle_s`` seconds.

    ``wake`` makes them look at once. One failing piece of work never stops a slot.
    """

    def __init__(self, work: Work, *, slots: int, idle_s: float) -> None:
        self._work = work
        self._slots = slots
        self._idle_s = idle_s
        self._new_work = asyncio.Event()

    def wake(self) -> None:
        """Announce new work."""
        self._new_work.set()

    async def run(self) -> None:
        """Work forever; on cancellation each piece of work gives its lease back."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._slots):
                group.create_task(self._run_slot())

    async def _run_slot(self) -> None:
        # A driver can lose a cancellation: before Python 3.12, asyncio.wait_for drops one arriving
        # together with its result. The task still knows about the request to end.
        while not _is_cancelled():
            if not await self._work_safely() and not _is_cancelled():
                await self._idle()

    async def _work_safely(self) -> bool:
        try:
            return await self._work()
        except Exception as problem:
            if is_unavailable(problem):
                log.warning("MongoDB does not answer", problem=type(problem).__name__)
                return False
            log.exception("a piece of work failed; it is repeated after the end of its lease")
            return False

    async def _idle(self) -> None:
        try:
            async with asyncio.timeout(self._idle_s):
                await self._new_work.wait()
        except TimeoutError:
            return
        self._new_work.clear()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
