"""The pace of pipelined requests."""

import asyncio
import time

from graphql_api.http.wire.pace import EVERY_S, Pace


async def test_one_begins_after_the_other() -> None:
    """Each at its time or later, and in the order of their coming."""
    loop, pace, done = asyncio.get_running_loop(), Pace(), asyncio.Event()
    begun: list[tuple[int, float]] = []

    def begin(place: int) -> None:
        begun.append((place, loop.time()))
        if place == 9:
            done.set()

    came_s = loop.time()
    for place in range(10):
        pace.wait(lambda place=place: begin(place), loop=loop)  # type: ignore[misc] # its default is a place
    await done.wait()
    assert [place for place, _ in begun] == list(range(10))
    early_s = time.get_clock_info("monotonic").resolution
    assert all(began_s - came_s >= place * EVERY_S - early_s for place, began_s in begun)
