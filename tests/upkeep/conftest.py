"""A world on the test's own clock, and its reader of the logs."""

import pytest

from graphql_api.upkeep.log_sync import LogSync
from tests.logs import logs_of
from tests.owned_time import calm_world, hasty_world, world
from tests.world import World

__all__ = ["calm_world", "hasty_world", "world"]


@pytest.fixture
def logs(world: World) -> LogSync:
    """Yield a reader of the logs, on the world's clock."""
    return logs_of(world)
