"""Restarts the embedded mongod, and gives up after repeated ends."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NoReturn

import structlog

from graphql_api.embedded_mongod.errors import MongodLostError, MongodStartError
from graphql_api.embedded_mongod.mongod import EmbeddedMongod

log = structlog.get_logger(__name__)

STEADY_S = 10.0
"""After a run of this length the start was good: this end has nothing to do with the one before."""
MOST_ENDS = 6
"""This many ends in a row without a good run are too many."""
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 4.0


async def keep_running(
    mongod: EmbeddedMongod,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = monotonic,
) -> NoReturn:
    """Start the mongod again after each end; stops by cancellation.

    Raises:
        MongodLostError: it ended too often, or failed to start too often.
        MongodDataLostError: its data are gone.

    """
    ends, started_at = 0, clock()
    while True:
        reason = await mongod.ended()
        ends = 1 if clock() - started_at >= STEADY_S else ends + 1
        ends = await _restart(mongod, reason, ends=ends, sleep=sleep)
        started_at = clock()
        log.info("the embedded mongod runs again", pid=mongod.pid)


async def _restart(
    mongod: EmbeddedMongod, reason: str, *, ends: int, sleep: Callable[[float], Awaitable[None]]
) -> int:
    """Start it again, and return the number of its ends in a row so far.

    It pauses before it says so: a stop of the whole service ends the mongod, too, and cancels this meanwhile.
    """
    first = ends
    while ends < MOST_ENDS:
        await sleep(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (ends - 1)))
        if ends == first:
            log.warning("the embedded mongod ended and is started again", reason=reason, ends=ends)
        try:
            await mongod.restart()
        except MongodStartError as failure:
            ends, reason = ends + 1, str(failure)
            log.warning("the embedded mongod did not start", reason=reason, ends=ends)
        else:
            return ends
    log.error("the embedded mongod is given up", log_tail=mongod.log_tail)
    raise MongodLostError(f"it ended {ends} times in a row and is not started again: {reason}")
