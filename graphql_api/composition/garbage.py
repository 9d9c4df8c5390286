"""When the garbage collector works: at best while nothing waits."""

import asyncio
import gc

COLLECTIONS = (2_000, 5, 12)
"""The thresholds of the collector. A collection holds up all threads: one of young objects is as long as the
first two say, here some three milliseconds. With the third, dead documents pile up, because they refer to
themselves."""
DUE = 3
"""So many collections of middle objects make a full one due, if the event loop is idle."""
LATE_S = 0.002
"""An idle event loop wakes a sleeper no later than this."""
EVERY_S = 0.2
"""How often to look."""


def settle() -> None:
    """Set the thresholds, and keep what is loaded by now out of all collections."""
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


async def collect_when_idle(*, every_s: float = EVERY_S) -> None:
    """Make full collections while the event loop has nothing else to do, without end."""
    loop = asyncio.get_running_loop()
    while True:
        due_at = loop.time() + every_s
        await asyncio.sleep(every_s)
        is_idle = loop.time() - due_at < LATE_S
        if is_idle and gc.get_count()[2] >= DUE:
            gc.collect()
