"""The server for the examples."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from processes.nursery import Nursery
from tests.examples.program import built_program
from tests.processes.client import Client
from tests.processes.deployment import Deployment, open_deployment

UNHURRIED = {
    "openai_timeout_s": 3,
    "openai_upload_timeout_s": 3,
    "lease_s": 7,
    "grace_s": 4,
    "cancel_budget_s": 20,
}
"""A cancel is answered when it is decided, on a busy machine too; a killed server's lease still ends soon."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    mongodb_uri: str, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """Yield a deployment without a server."""
    async with open_deployment(mongodb_uri, nursery, tmp_path_factory.mktemp("served")) as deployment:
        deployment.settings |= UNHURRIED
        yield deployment


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(deployment: Deployment) -> Client:
    """Return a client of the one server; a test may kill it and start another on its port."""
    return await deployment.start()


@pytest.fixture
def server(served: Client, deployment: Deployment) -> Client:
    """Return a client of the server; its provider has no faults."""
    deployment.sandbox.faults.clear()
    return served


@pytest.fixture(scope="session")
def built() -> None:
    """Have the program in TypeScript, built from the present sources."""
    built_program()
