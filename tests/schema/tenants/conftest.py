"""Two tenants in one watched database."""

import pytest

from graphql_api.store.database import Database
from tests.schema.conftest import Client
from tests.schema.tenants.estate import Estate, settled


@pytest.fixture
def database(watched_database: Database) -> Database:
    """Return the watched database."""
    return watched_database


@pytest.fixture
async def mine(client: Client) -> Estate:
    """Yield the tenant that asks; all that it has is older than the other's."""
    return await settled(client, "bolt")


@pytest.fixture
async def theirs(client: Client, mine: Estate) -> Estate:
    """Yield the other tenant."""
    return await settled(client, "acme")
