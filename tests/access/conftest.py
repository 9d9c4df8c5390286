"""Keys in the tests' database."""

import pytest

from graphql_api.access.endings import Endings
from graphql_api.access.keys import ApiKeys
from graphql_api.store.database import Database

PEPPER = b"pepper" * 8


@pytest.fixture
def endings() -> Endings:
    """Return the connections of a server."""
    return Endings()


@pytest.fixture
async def keys(database: Database, endings: Endings) -> ApiKeys:
    """Yield the keys of one server, without a renewal of its own."""
    return ApiKeys(pepper=PEPPER, endings=endings)
