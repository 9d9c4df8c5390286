"""The one way in which these tests wait for another process: look again until it is so, or give up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

DEADLINE_S = 90
"""Long enough for a process that starts on a busy machine; nothing waits for it when all is well."""
POLL_S = 0.05


async def eventually(look: Callable[[], Awaitable[Found | None]]) -> Found:
    """Return what ``look`` finds as soon as it finds something; raises ``TimeoutError`` if it never does."""
    async with asyncio.timeout(DEADLINE_S):
        while (found := await look()) is None:  # noqa: ASYNC110 - another process reports to no event of ours
            await asyncio.sleep(POLL_S)
        return found


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; raises ``TimeoutError`` if it never does."""

    async def look() -> bool | None:
        return condition() or None

    await eventually(look)
