"""A process started here, in any way."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildProcess:
    """Its pid; ``poll`` returns its exit code, ``None`` as long as it runs."""

    pid: int
    poll: Callable[[], int | None]

    def send(self, number: signal.Signals) -> None:
        """Send it the signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def exit_code(self, *, within_s: float) -> int:
        """Wait for its end and return its exit code; raises ``TimeoutError`` if it does not end in time.

        The code of a process that a signal ended is the signal's number, negative.
        """
        async with asyncio.timeout(within_s):
            while (code := self.poll()) is None:  # noqa: ASYNC110 - another process reports to no event of ours
                await asyncio.sleep(POLL_S)
        return code

    async def kill(self, *, within_s: float) -> int:
        """``kill -9`` it and return its exit code."""
        self.send(signal.SIGKILL)
        return await self.exit_code(within_s=within_s)
