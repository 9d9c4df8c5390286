"""The console, as a person uses it in a browser."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, Locator, Page, Route, expect

from graphql_api.sandbox.openai.jobs import Job
from tests.graphiql.workbench import open_workbench
from tests.processes.client import CREATE, Client
from tests.processes.deployment import Deployment

MILESTONES = ["Created", "The provider has the job", "Training", "Cancel asked for", "Cancelled"]
PATIENCE_MS = 60_000
"""How long a busy machine may take to show something; nothing waits for it when all is well."""
expect.set_options(timeout=PATIENCE_MS)


@dataclass(slots=True, kw_only=True)
class Console:
    """The page, and its faults."""

    page: Page
    complaints: list[str]
    url: str
    """The server's."""

    @property
    def detail(self) -> Locator:
        """The panel of the selected finetuning."""
        return self.page.locator(".detail")

    @property
    def verdict(self) -> Locator:
        """The panel's text about its cancel."""
        return self.detail.locator("> .notice")

    @property
    def dialog(self) -> Locator:
        """The question before a cancel."""
        return self.page.get_by_role("dialog")

    async def shows(self, locator: Locator, text: str) -> None:
        """Wait for this text."""
        await expect(locator).to_contain_text(text)

    async def visit(self, state: str = "") -> None:
        """Go to the address of a state, within the page."""
        links = {"": "Finetunings", "new": "New finetuning", "golden-records": "Golden records"}
        await self.page.locator(".bar").get_by_role("link", name=links[state]).click()

    async def start(self, alias: str, *, epochs: str = "3") -> None:
        """Start a finetuning and wait for its training to show."""
        await self.visit("new")
        await self.page.get_by_role("textbox", name="Alias").fill(alias)
        await self.page.get_by_role("textbox", name="Epochs").fill(epochs)
        await self.page.get_by_role("button", name="Start training").click()
        await self.shows(self.detail.get_by_role("heading", level=2), alias)
        await self.shows(self.detail.locator("header .badge").first, "Training")

    async def list_as(self, change: Callable[..., None]) -> None:
        """Load the page anew; ``change`` gets the finetunings in the answer to its list."""

        async def answer(route: Route) -> None:
            if '"operationName":"Finetunings"' not in (route.request.post_data or ""):
                await route.fallback()
                return
            response = await route.fetch()
            body = await response.json()
            change(*body["data"]["finetunings"]["nodes"])
            await route.fulfill(response=response, json=body)

        await self.page.route("**/graphql", answer)
        await self.page.reload()

    async def cancel(self) -> None:
        """Ask for the cancel, and confirm it."""
        await self.page.get_by_role("button", name="Cancel…").click()
        await self.dialog.get_by_role("button", name="Cancel finetuning").click()

    async def job(self, deployment: Deployment) -> Job:
        """Return the job of the panel's id, as the provider has it."""
        job_id = await self.detail.locator("dt:has-text('Job at the provider') + dd").inner_text()
        return deployment.sandbox.account.job(job_id)

    async def titles(self) -> list[str]:
        """Return the titles of the events on the timeline, the first one first."""
        return (await self.detail.locator(".timeline li span:not(.hint)").all_inner_texts())[::-1]


@asynccontextmanager
async def open_console(browser: Browser, url: str, *, state: str = "") -> AsyncIterator[Console]:
    """Yield the page in a browser on its first visit."""
    async with open_workbench(browser, url) as workbench:
        console = Console(page=workbench.page, complaints=workbench.complaints, url=url)
        console.page.set_default_timeout(PATIENCE_MS)
        await console.page.goto(f"{url}/{state}")
        await console.shows(console.page.locator(".liveness"), "Live")
        yield console
        assert workbench.foreign == []


async def made(server: Client, *aliases: str) -> list[str]:
    """Create finetunings elsewhere, the first one first, and return their ids."""
    given = {"dbConnectionId": await server.connection()}
    return [(await server.ask(CREATE, input=given | {"alias": alias}))["id"] for alias in aliases]


async def ended(server: Client, *aliases: str) -> None:
    """Have finetunings that do not change any more, the first one first."""
    for finetuning_id in await made(server, *aliases):
        await server.cancel(finetuning_id)
