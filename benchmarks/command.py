"""Runs a benchmark on Linux and uvloop.

SIGTERM and Ctrl-C end it in order.
"""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import uvloop


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run it to its end."""
    if sys.platform != "linux":
        sys.exit("make bench needs Linux: it reads the CPU time of other processes from the kernel")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_ended_in_order(main))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("stopped")


async def _ended_in_order(main: Coroutine[Any, Any, None]) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await main
