"""The console at a server that asks for a credential."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from processes.nursery import Nursery
from tests.graphiql.workbench import open_workbench
from tests.processes.client import Client
from tests.processes.deployment import Deployment
from tests.unhurried import KEYS, new_key, unhurried

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCOPES = ("finetunings:read", "golden_records:read")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    mongodb_uri: str, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """Yield a deployment whose servers ask for a key, and show the schema."""
    guarded = {**KEYS, "expose_schema": "on"}
    async with unhurried(mongodb_uri, nursery, tmp_path_factory.mktemp("guarded"), **guarded) as deployment:
        yield deployment


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def key(served: Client, deployment: Deployment) -> str:
    """Return a key, made as an operator makes it."""
    return await new_key(deployment, scopes=SCOPES)


async def test_the_console_keeps_the_credential_for_the_tab(
    built_console_page: Path, browser: Browser, served: Client, key: str
) -> None:
    """Without one the page says what it wants; a second tab knows nothing of it, and nor does the disk."""
    async with open_workbench(browser, served.url) as workbench:
        page, url = workbench.page, f"{served.url}/console"
        await page.goto(url)
        await wants_one(page)
        await use(page, "graphql_api_wrong")
        await expect(page.locator("#credential-note")).to_contain_text("refused")
        await use(page, key)
        await shows_live(page)
        await page.reload()
        await shows_live(page)
        assert await page.evaluate("Object.entries({ ...localStorage }).length + document.cookie.length") == 0
        assert key not in page.url
        other = await page.context.new_page()
        await other.goto(url)
        await wants_one(other)
        field = other.get_by_label("API key or token")
        assert (await field.input_value(), await field.get_attribute("type")) == ("", "password")
        await page.get_by_role("button", name="Forget").click()
        await wants_one(page)
        assert await page.evaluate("sessionStorage.length") == 0
        assert workbench.foreign == []
        assert [one for one in workbench.complaints if "401" not in one and "WebSocket" not in one] == []


async def wants_one(page: Page) -> None:
    """Wait until the page says that the server wants a credential."""
    note = page.locator("#credential-note")
    await expect(note).to_have_text("The server wants a credential: an API key or a token.")
    await expect(page.get_by_role("alert").first).to_contain_text("UNAUTHENTICATED")


async def use(page: Page, credential: str) -> None:
    """Give the page this credential."""
    await page.get_by_label("API key or token").fill(credential)
    await page.get_by_role("button", name="Use", exact=True).click()


async def shows_live(page: Page) -> None:
    """Wait until the page is told changes over its WebSocket, without a complaint."""
    await expect(page.locator(".liveness")).to_contain_text("Live")
    await expect(page.get_by_role("alert")).to_have_count(0)
