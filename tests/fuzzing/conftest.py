"""The deployment of these tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from processes.nursery import Nursery
from tests.processes.deployment import PATIENT, Deployment, open_deployment


@pytest.fixture
async def deployment(mongodb_uri: str, nursery: Nursery, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Yield a deployment without a server; no time limit gets in the way."""
    async with open_deployment(mongodb_uri, nursery, tmp_path) as deployment:
        deployment.settings |= PATIENT
        yield deployment
