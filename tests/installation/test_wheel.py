"""A wheel from a clean clone works.

It is installed into an empty environment, and its page is opened in a browser.
"""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from graphql_api import __version__
from hatch_build import PAGES, Page, has_node
from tests.graphiql.workbench import open_workbench
from tests.installation.checkout import clone, environment_with, make_wheel
from tests.processes.client import http_client
from tests.processes.command import Commands, ended, installed

pytestmark = pytest.mark.timeout(600)  # two environments, and all that GraphiQL is made of


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clean clone."""
    if not has_node():
        pytest.skip("needs Node.js 20.19, 22.12 or newer and npm on PATH")
    return clone(tmp_path_factory.mktemp("clone") / "project")


@pytest.fixture(scope="module")
def wheel(checkout: Path) -> Path:
    """Return the wheel that was built in the clone."""
    return make_wheel(checkout)


@pytest.fixture(scope="module")
def program(wheel: Path, checkout: Path) -> Path:
    """Return the console script that the wheel brings."""
    return environment_with(wheel, checkout=checkout) / "bin" / "graphql-api"


@pytest_asyncio.fixture(loop_scope="module")
async def commands(program: Path, tmp_path: Path) -> AsyncIterator[Commands]:
    """Yield a starter of the installed program; at the end there must be nothing left of it."""
    async with ended(installed(tmp_path, program)) as commands:
        yield commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.folder)
def test_the_wheel_has_the_page(page: Page, wheel: Path) -> None:
    """A clean clone lacks it, so it was built on the way."""
    assert f"{page.assets}/index.html" in ZipFile(wheel).namelist()


def test_the_program_says_its_version(program: Path) -> None:
    """It is that of this checkout."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    assert said == f"graphql-api, version {__version__}\n"


@pytest.mark.asyncio(loop_scope="module")
async def test_the_page_opens(commands: Commands, browser: Browser) -> None:
    """On the wheel's own MongoDB and the stand-in, from the server alone and without a complaint."""
    server = commands.start("serve", "--sandbox", "--sample-data")
    url = await server.url()
    async with open_workbench(browser, url) as workbench:
        await workbench.open()
        assert (workbench.foreign, workbench.complaints) == ([], [])
    async with http_client() as http:
        front = await http.get(url)
    assert front.json()["version"] == __version__
    assert (await server.logged("serving"))["version"] == __version__
    assert "not built" not in server.stderr
