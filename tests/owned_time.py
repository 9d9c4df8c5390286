"""A world with cancels on the test's clock.

No test waits for a budget to pass.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from graphql_api.engine.engine import Timing
from graphql_api.store.database import Database
from tests.world import World, open_world


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Yield a world with time to answer: only a provider told to stay silent is silent."""
    async with open_world(database, call_timeout_s=5) as world:
        yield on_owned_time(world)


@pytest.fixture
async def hasty_world(database: Database) -> AsyncIterator[World]:
    """Yield a world with early limits for provider calls, for silent providers."""
    async with open_world(database, call_timeout_s=0.3) as world:
        yield on_owned_time(world)


@pytest.fixture
async def calm_world(database: Database) -> AsyncIterator[World]:
    """Yield a world with rare looks, for runs repeated many times."""
    timing = Timing(recheck_s=30, sync_interval_s=30, cancel_budget_s=2)
    async with open_world(database, timing=timing, call_timeout_s=5) as world:
        yield on_owned_time(world)


def on_owned_time(world: World) -> World:
    """Let pauses of the engine move the world's clocks instead of passing."""

    async def pause(seconds: float) -> None:
        world.advance(seconds)
        await asyncio.sleep(0)

    world.engine = replace(world.engine, monotonic=lambda: world.clock.now().timestamp(), sleep=pause)
    return world
