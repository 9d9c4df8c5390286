"""The server and the browser for the console."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.console.console_page import Console, open_console
from tests.processes.client import Client
from tests.processes.deployment import Deployment
from tests.unhurried import deployment, served, server

__all__ = ["deployment", "served", "server"]


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
