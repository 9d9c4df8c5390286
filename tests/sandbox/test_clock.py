"""The clocks."""

import asyncio

from graphql_api.sandbox.openai import ManualClock, SystemClock


async def test_a_manual_clock_wakes_a_sleeper_on_time() -> None:
    """A sleeper wakes when the clock has been advanced far enough, and not before."""
    clock = ManualClock(start_s=100)
    sleeper = asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    clock.advance(9)
    await asyncio.sleep(0)
    assert not sleeper.done()
    clock.advance(1)
    await sleeper
    assert clock.now() == 110


async def test_an_interrupted_sleeper_is_forgotten() -> None:
    """Advancing past a cancelled sleeper does no harm."""
    clock = ManualClock()
    sleeper = asyncio.create_task(clock.sleep(1))
    await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    clock.advance(2)


async def test_the_system_clock_goes_forward() -> None:
    """The system clock's sleep takes its time."""
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)
    assert clock.now() >= before > 1_700_000_000
