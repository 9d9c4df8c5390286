"""An event loop without input and output, with a clock set by hand."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from heapq import heappop, heappush
from typing import Any, TypeVar

T = TypeVar("T")


class OwnedLoop(asyncio.AbstractEventLoop):
    """Runs every ready callback; timers, those of ``asyncio.timeout`` too, go off by ``advance_to`` alone."""

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._time = 0.0
        self._timers_set = 0
        self._problem: BaseException | None = None

    def time(self) -> float:
        """Return the seconds since the start."""
        return self._time

    def advance_to(self, time: float) -> None:
        """Let time pass, and let the owner of each due timer react."""
        self._time = max(self._time, time)
        while self._timers and self._timers[0][0] <= self._time:
            self._ready.append(heappop(self._timers)[2])
        self.run_ready()

    def next_timer(self) -> float | None:
        """Return when the next timer goes off."""
        while self._timers and self._timers[0][2].cancelled():
            heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def run_ready(self) -> None:
        """Run until every task waits for something."""
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            while self._ready:
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(outer)
        if self._problem is not None:
            raise self._problem

    def call_soon(  # type: ignore[override]  # the variadic form of typeshed says no more
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run the callback in the next round."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(  # type: ignore[override]  # the variadic form of typeshed says no more
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run the callback when its time has come."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._timers_set += 1
        heappush(self._timers, (when, self._timers_set, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]  # names and contexts are of no use here
        self, coro: Coroutine[Any, Any, T], **_: Any
    ) -> asyncio.Task[T]:
        """Start the coroutine with the next round."""
        return asyncio.Task(coro, loop=self)

    def run_in_executor(  # type: ignore[override]  # the variadic form of typeshed says no more
        self, executor: None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run it now: its caller waits for the thread, so the other tasks could see no difference."""
        done = self.create_future()
        done.set_result(func(*args))
        return done

    def get_debug(self) -> bool:
        """Say that nothing is checked twice."""
        return False

    def is_running(self) -> bool:
        """Say yes: the question only comes from inside."""
        return True

    def is_closed(self) -> bool:
        """Say no: there is nothing to close."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep a callback's failure. ``run_ready`` raises it."""
        self._problem = context.get("exception") or RuntimeError(context["message"])

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Leave a cancelled timer in its place; it is passed over."""


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        returned: T = end.value
        return returned
    raise AssertionError(f"{work} waits")
