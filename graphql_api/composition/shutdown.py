"""Stops the process at a signal, if needed by force."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from threading import Timer

import structlog

log = structlog.get_logger(__name__)

REQUESTS_SHARE = 0.75
"""The share of the time for requests in flight; leases and connections get the rest."""

FORCED = 1
"""The exit code of a process ended by force."""


def end_by_force() -> None:
    """End the process at once."""
    sys.stderr.flush()
    os._exit(FORCED)


def stopped_by_signal(*, within_s: float, force: Callable[[], None] = end_by_force) -> asyncio.Event:
    """Return an event set by SIGINT or SIGTERM; from now on these do not end the process.

    ``within_s`` seconds after the signal ``force`` is called, from a thread that nothing can block.
    """
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()

    def give_up() -> None:
        coroutines = [task.get_coro() for task in asyncio.all_tasks(loop)]
        pending = Counter(getattr(one, "__qualname__", "unknown") for one in coroutines)
        log.critical("stopping takes too long: ended by force", after_s=within_s, pending=dict(pending))
        force()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            watchdog.start()

    watchdog = Timer(within_s, give_up)
    watchdog.daemon = True  # it must not hold up a process that ends in time
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return stopped
