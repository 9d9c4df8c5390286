"""Both examples at a server that asks for a credential."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from graphql_api.access.key_format import Key
from processes.nursery import Nursery
from tests.examples.conftest import UNHURRIED
from tests.examples.console import PATIENCE_MS, console_before
from tests.examples.workshop import EXAMPLES, make, one_at_a_time, read_until, running
from tests.graphiql.workbench import open_workbench
from tests.processes.client import Client
from tests.processes.deployment import Deployment, open_deployment
from tests.processes.patience import DEADLINE_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLE = EXAMPLES / "python"
PYTHON = str(EXAMPLE / ".venv" / "bin" / "python")
KEYS = {"auth": "keys", "key_pepper": "a pepper of more than thirty-two characters"}
SCOPES = (
    "finetunings:read",
    "finetunings:write",
    "finetunings:cancel",
    "golden_records:read",
    "golden_records:write",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    mongodb_uri: str, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """Yield a deployment whose servers ask for a key."""
    async with open_deployment(mongodb_uri, nursery, tmp_path_factory.mktemp("guarded")) as deployment:
        deployment.settings |= {**UNHURRIED, **KEYS}
        yield deployment


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def key(served: Client, deployment: Deployment) -> str:
    """Return a key, made as an operator makes it."""
    return await new_key(deployment)


async def new_key(deployment: Deployment) -> str:
    """Make one more."""
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    command = await deployment.commands.run(
        "keys", "create", "--name", "example", *scopes, **deployment.settings
    )
    assert command.returncode == 0, command.stderr
    return command.stdout.strip()


@pytest.fixture(scope="session")
def generated() -> None:
    """Have the client for Python."""
    with one_at_a_time(EXAMPLE):
        make("make", "generate", f"PYTHON={sys.executable}", example=EXAMPLE)


@pytest.mark.parametrize("place", ["environment", "argument"])
async def test_the_tour_shows_its_credential(generated: None, server: Client, key: str, place: str) -> None:
    """Over HTTP and over the WebSocket alike, wherever it comes from; nothing prints it."""
    given = ("--token", key) if place == "argument" else ()
    environment = {} if place == "argument" else {"GRAPHQL_API_TOKEN": key}
    async with running(PYTHON, "tour.py", server.url, *given, example=EXAMPLE, **environment) as tour:
        stdout, _ = await tour.communicate()
    printed = stdout.decode()
    assert tour.returncode == 0, printed
    assert re.findall(r"^cancel.*: (\w+, \w+):", printed, re.MULTILINE) == ["CANCELLED, CONFIRMED"] * 2
    assert key not in printed


async def test_the_tour_says_that_it_needs_one(
    generated: None, deployment: Deployment, server: Client
) -> None:
    """One line without a traceback, and nothing is made."""
    before = len(deployment.live_jobs())
    async with running(PYTHON, "tour.py", server.url, example=EXAMPLE, GRAPHQL_API_TOKEN="") as tour:
        stdout, _ = await tour.communicate()
    told = "the server answers 401: it wants a credential, see --token\n"
    assert (tour.returncode, stdout.decode()) == (1, told)
    assert len(deployment.live_jobs()) == before


async def test_the_tour_ends_with_its_credential(
    generated: None, deployment: Deployment, server: Client
) -> None:
    """It does not try the same one again and again."""
    key, account = await new_key(deployment), deployment.sandbox.account
    durations, account.durations = account.durations, replace(account.durations, queued_s=3600)
    async with running(PYTHON, "tour.py", server.url, example=EXAMPLE, GRAPHQL_API_TOKEN=key) as tour:
        await read_until(tour.stdout, "JOB_ATTACHED")
        revoked = await deployment.commands.run("keys", "revoke", Key.parse(key).id, **deployment.settings)
        assert revoked.returncode == 0, revoked.stderr
        stdout, _ = await asyncio.wait_for(tour.communicate(), DEADLINE_S)
    account.durations = durations
    assert (tour.returncode, stdout.decode().splitlines()[-1][:24]) == (1, "the credential has ended")


async def test_the_console_keeps_the_credential_for_the_tab(
    built: None, browser: Browser, served: Client, key: str
) -> None:
    """Without one the page says what it wants; a second tab knows nothing of it, and nor does the disk."""
    async with console_before(served.url) as url, open_workbench(browser, url) as workbench:
        page = workbench.page
        await page.goto(url)
        await expect(page.get_by_role("alert").first).to_contain_text("UNAUTHENTICATED", timeout=PATIENCE_MS)
        await use(page, key)
        await shows_live(page)
        await page.reload()
        await shows_live(page)
        assert await page.evaluate("Object.entries({ ...localStorage }).length + document.cookie.length") == 0
        assert key not in page.url
        other = await page.context.new_page()
        await other.goto(url)
        await expect(other.get_by_role("alert").first).to_contain_text("UNAUTHENTICATED", timeout=PATIENCE_MS)
        field = other.get_by_label("API key or token")
        assert (await field.input_value(), await field.get_attribute("type")) == ("", "password")
        await use(page, "")
        await expect(page.get_by_role("alert").first).to_contain_text("UNAUTHENTICATED", timeout=PATIENCE_MS)
        assert await page.evaluate("sessionStorage.length") == 0


async def use(page: Page, credential: str) -> None:
    """Give the page this credential."""
    await page.get_by_label("API key or token").fill(credential)
    await page.get_by_role("button", name="Use", exact=True).click()


async def shows_live(page: Page) -> None:
    """Wait until the page is told changes over its WebSocket, without a complaint."""
    await expect(page.locator(".liveness")).to_contain_text("Live", timeout=PATIENCE_MS)
    await expect(page.get_by_role("alert")).to_have_count(0)
