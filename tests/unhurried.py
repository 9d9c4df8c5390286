"""A server that many tests use after each other, and that answers a cancel when it is decided."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from processes.nursery import Nursery
from tests.processes.client import Client
from tests.processes.deployment import Deployment, open_deployment

UNHURRIED = {
    "openai_timeout_s": 3,
    "openai_upload_timeout_s": 3,
    "lease_s": 7,
    "grace_s": 4,
    "cancel_budget_s": 20,
}
"""On a busy machine, too; a killed server's lease still ends soon."""
KEYS = {"auth": "keys", "key_pepper": "a pepper of more than thirty-two characters"}
"""The settings of a server that asks for a key."""


@asynccontextmanager
async def unhurried(
    mongodb_uri: str, nursery: Nursery, directory: Path, **settings: str
) -> AsyncIterator[Deployment]:
    """Yield a deployment with these settings, without a server."""
    async with open_deployment(mongodb_uri, nursery, directory) as deployment:
        deployment.settings |= {**UNHURRIED, **settings}
        yield deployment


async def new_key(deployment: Deployment, *, scopes: Sequence[str]) -> str:
    """Return a key, made as an operator makes it."""
    options = [word for scope in scopes for word in ("--scope", scope)]
    command = await deployment.commands.run(
        "keys", "create", "--name", "tests", *options, **deployment.settings
    )
    assert command.returncode == 0, command.stderr
    return command.stdout.strip()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    mongodb_uri: str, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """Yield a deployment without a server."""
    async with unhurried(mongodb_uri, nursery, tmp_path_factory.mktemp("served")) as deployment:
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
