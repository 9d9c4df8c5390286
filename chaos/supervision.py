"""Keeps a process running, as a service manager does."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from graphql_api.embedded_mongod.lifeline import is_alive

POLL_S = 0.05


@dataclass(slots=True, kw_only=True)
class Service:
    """One process after another under one name; ``start`` takes the log's path and returns the pid."""

    name: str
    kind: str
    directory: Path
    start: Callable[[Path], int]
    pause_s: Callable[[], float]
    pid: int = 0
    starts: int = 0
    failures: int = 0
    _killed: set[int] = field(default_factory=set)

    @property
    def log(self) -> Path:
        """The log of the present process."""
        return self.directory / f"{self.name}.{self.starts}.log"

    async def run(self) -> None:
        """Start the process, and start it again after each end, as long as the run lasts."""
        while True:
            self.starts += 1
            self.pid = self.start(self.log)
            while is_alive(self.pid):
                await asyncio.sleep(POLL_S)
            self.failures += self.pid not in self._killed
            await asyncio.sleep(self.pause_s())

    async def freeze(self, seconds: float) -> None:
        """Let the process stand still for so long, or up to its kill."""
        frozen = self.pid
        self._signal(frozen, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._signal(frozen, signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        """Whether there is a process at this moment."""
        return self.pid > 0 and is_alive(self.pid)

    def kill(self) -> bool:
        """``kill -9`` it; return whether there was something to kill."""
        if not self.is_running:
            return False
        self._killed.add(self.pid)
        self._signal(self.pid, signal.SIGKILL)
        return True

    def _signal(self, pid: int, number: signal.Signals) -> None:
        if pid == self.pid:  # another process may have the number of an ended one
            with suppress(ProcessLookupError):
                os.kill(pid, number)
