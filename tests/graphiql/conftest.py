"""The page and the browser of GraphiQL's tests.

Without one of them the tests are skipped, with its name.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from processes.nursery import Nursery
from tests.graphiql.served import serving_samples
from tests.graphiql.workbench import Workbench, open_workbench


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(
    built_page: Path, mongodb_uri: str, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """Yield the URL of a server with the sample data."""
    async with serving_samples(mongodb_uri, nursery, tmp_path_factory.mktemp("served")) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="module")
async def workbench(browser: Browser, url: str) -> AsyncIterator[Workbench]:
    """Yield the opened page; at the end nothing may have left this machine, and nothing gone wrong."""
    async with open_workbench(browser, url) as workbench:
        await workbench.open()
        yield workbench
        assert workbench.foreign == []
        assert workbench.complaints == []
