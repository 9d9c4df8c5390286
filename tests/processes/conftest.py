"""Processes for one test each; none of them, and nothing that they start, outlives it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.processes.client import http_client
from tests.processes.command import Commands
from tests.processes.deployment import Deployment, open_deployment
from tests.processes.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Yield the process from which servers are forked."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
async def deployment(mongodb_uri: str, nursery: Nursery, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Yield a deployment without a server."""
    async with open_deployment(mongodb_uri, nursery, tmp_path) as deployment:
        yield deployment


@pytest.fixture
async def commands(tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of commands; at the end there must be nothing left of them."""
    commands = Commands(directory=tmp_path)
    try:
        yield commands
    finally:
        await commands.end()


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client for the servers."""
    async with http_client() as client:
        yield client
