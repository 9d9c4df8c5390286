"""Processes for one test each.

No process of theirs outlives the test.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from processes.nursery import Nursery
from tests.processes.client import http_client
from tests.processes.command import Commands, ended, forked, interpreted
from tests.processes.deployment import Deployment, open_deployment


@pytest.fixture
async def deployment(mongodb_uri: str, nursery: Nursery, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Yield a deployment without a server."""
    async with open_deployment(mongodb_uri, nursery, tmp_path) as deployment:
        yield deployment


@pytest.fixture
async def commands(nursery: Nursery, tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of commands; at the end there must be nothing left of them."""
    async with ended(forked(nursery, tmp_path)) as commands:
        yield commands


@pytest.fixture
async def unmeasured(nursery: Nursery, tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of commands outside of the coverage: its cost is higher than theirs."""
    async with ended(forked(nursery, tmp_path, measured=False)) as commands:
        yield commands


@pytest.fixture
async def entry_point(tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of new interpreters: one test for each command starts it as a person does."""
    async with ended(interpreted(tmp_path)) as commands:
        yield commands


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client for the servers."""
    async with http_client() as client:
        yield client
