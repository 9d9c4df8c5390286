"""The sandbox's clock: real, or moved by hand."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Protocol


class Clock(Protocol):
    """A source of time in Unix seconds."""

    def now(self) -> float:
        """Return the current time in Unix seconds."""
        ...

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Wait for the clock to move on by ``seconds`` from this call."""
        ...


class SystemClock:
    """Time as it passes."""

    def now(self) -> float:
        """Return the system's Unix time in seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait ``seconds`` of real time."""
        await asyncio.sleep(seconds)


class ManualClock:
    """Time moved only by ``advance``."""

    def __init__(self, *, start_s: float = 1_750_000_000.0) -> None:
        self._now_s = start_s
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Return the current time, as moved by ``advance``, in Unix seconds."""
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds`` and wake all due sleepers."""
        self._now_s += seconds
        for wakes_at, sleeper in self._sleepers:
            if wakes_at <= self._now_s and not sleeper.done():
                sleeper.set_result(None)
        self._sleepers = [entry for entry in self._sleepers if not entry[1].done()]

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Wait for ``advance`` to move the clock on by ``seconds`` from this call (not its await)."""
        sleeper = asyncio.get_running_loop().create_future()
        if seconds <= 0:
            sleeper.set_result(None)
        self._sleepers.append((self._now_s + seconds, sleeper))
        return _wait_for(sleeper)


async def _wait_for(sleeper: asyncio.Future[None]) -> None:
    await sleeper
