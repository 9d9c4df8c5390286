"""The tests' one way to wait for another process.

It looks again and again, up to the find or the time limit.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

DEADLINE_S = 300
"""Long enough for a start on a busy machine; nothing waits for it when all is well."""
POLL_S = 0.05


async def eventually(look: Callable[[], Awaitable[Found | None]]) -> Found:
    """Return the find of ``look`` as soon as there is one; raises ``TimeoutError`` if it never comes."""
    async with asyncio.timeout(DEADLINE_S):
        while (found := await look()) is None:  # noqa: ASYNC110 - another process reports to no event of ours
            await asyncio.sleep(POLL_S)
        return found


async def until(condition: Callable[[], bool]) -> None:
    """Wait for the condition to hold; raises ``TimeoutError`` if it never does."""

    async def look() -> bool | None:
        return condition() or None

    await eventually(look)
