"""What the tests of the examples share: the server that they run against."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.processes.client import Client
from tests.processes.deployment import Deployment, open_deployment
from tests.processes.nursery import Nursery


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    """Yield a deployment without a server."""
    with Nursery() as nursery:
        async with open_deployment(mongodb_uri, nursery, tmp_path_factory.mktemp("served")) as deployment:
            yield deployment


@pytest_asyncio.fixture(loop_scope="module")
async def server(deployment: Deployment) -> AsyncIterator[Client]:
    """Yield a client of the one server."""
    yield await deployment.start()
    deployment.sandbox.faults.clear()
    await deployment.kill()
