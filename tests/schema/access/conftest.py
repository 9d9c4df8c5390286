"""A client of a server with API keys."""

from dataclasses import replace

import pytest

from graphql_api.access.endings import Endings
from graphql_api.access.keys import ApiKeys
from tests.schema.conftest import Client


@pytest.fixture
def guarded_client(client: Client) -> Client:
    """Return a client of a server that takes keys."""
    return replace(client, keys=ApiKeys(pepper=b"pepper" * 8, endings=Endings()))
