"""A world on the test's own clock, and a check of SQL for the tests of one module together."""

from collections.abc import AsyncIterator

import pytest_asyncio

from graphql_api.catalogue.sql_check import SqlCheck
from tests.owned_time import calm_world, hasty_world, world

__all__ = ["calm_world", "hasty_world", "shared_check", "world"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_check() -> AsyncIterator[SqlCheck]:
    """Yield a check that warns, for tests that leave its process alone."""
    check = SqlCheck()
    yield check
    await check.close()
