"""Packages from npm and a deployment behind other servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from processes.nursery import Nursery
from tests.clients.node import install
from tests.gateways.journey import LOOKS_WHEN_TOLD
from tests.processes.deployment import Deployment, open_deployment

DIRECTORY = Path(__file__).parent


@pytest.fixture(scope="session")
def packages() -> Path:
    """Return the directory of the packages; skip a test without them, with the reason."""
    install(DIRECTORY)
    return DIRECTORY / "node_modules"


@pytest.fixture
async def deployment(mongodb_uri: str, nursery: Nursery, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Yield a deployment without a server."""
    async with open_deployment(mongodb_uri, nursery, tmp_path) as deployment:
        deployment.settings |= LOOKS_WHEN_TOLD
        yield deployment
