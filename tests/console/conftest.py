"""The server and the browser for the console."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from processes.nursery import Nursery
from tests.console.console_page import Console, open_console
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


@pytest.fixture
def reporting(deployment: Deployment) -> Iterator[None]:
    """Let the trainings of this test report a step every few seconds."""
    account = deployment.sandbox.account
    durations, account.durations = account.durations, replace(account.durations, running_s=120)
    yield
    account.durations = durations


@pytest_asyncio.fixture(loop_scope="module")
async def console(browser: Browser, built_console_page: Path, server: Client) -> AsyncIterator[Console]:
    """Yield the opened console, with golden records to train on; nothing may have gone wrong on it."""
    await server.connection()
    async with open_console(browser, server.url) as console:
        yield console
        assert console.complaints == []
