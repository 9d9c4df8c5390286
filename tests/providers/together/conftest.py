"""An engine whose provider is Together AI's stand-in."""

from collections.abc import AsyncIterator

import pytest

from graphql_api.store.database import Database
from tests.together_world import TogetherWorld, open_together_world


@pytest.fixture
async def world(database: Database) -> AsyncIterator[TogetherWorld]:
    """Yield the world on the test's own clocks."""
    async with open_together_world(database) as world:
        yield world
