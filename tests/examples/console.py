"""The example for TypeScript, as a person uses it.

Its packages are installed, its page is built and used in a browser.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from graphql_api.sandbox.openai.jobs import Job
from tests.examples.workshop import EXAMPLES, SCHEMA, make, one_at_a_time, read_until, running
from tests.graphiql.workbench import open_workbench
from tests.processes.deployment import Deployment

EXAMPLE = EXAMPLES / "typescript"
LOCK = EXAMPLE / "package-lock.json"
GENERATED = EXAMPLE / "src" / "gql"
INSTALLED = EXAMPLE / "node_modules" / "installed.stamp"
BUILT = EXAMPLE / "dist" / "built.stamp"
"""A digest of the sources of the build, written last."""
OLDEST_NODE = (20, 19)
PATIENCE_MS = 60_000
"""How long a busy machine may take to show something; nothing waits for it when all is well."""


def built_console() -> None:
    """Install and build, if not done already; skip without Node or npm's registry."""
    if missing := _missing():
        pytest.skip(f"needs {missing} on PATH")
    with one_at_a_time(EXAMPLE):
        if not INSTALLED.exists() or INSTALLED.read_bytes() != LOCK.read_bytes():
            make("npm", "ci", "--fetch-retries=1", example=EXAMPLE)
            INSTALLED.write_bytes(LOCK.read_bytes())
        digest = _digest()
        if not BUILT.exists() or BUILT.read_text() != digest:
            shutil.rmtree(GENERATED, ignore_errors=True)  # the generator leaves its old files
            make("npm", "run", "build", example=EXAMPLE)
            BUILT.write_text(digest)


def _missing() -> str | None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm"
    printed = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    major, minor = map(int, printed.removeprefix("v").split(".")[:2])
    return None if (major, minor) >= OLDEST_NODE else "Node.js 20.19 or newer"


def _digest() -> str:
    """Return a digest of all sources of the build."""
    own = [*EXAMPLE.glob("*.json"), *EXAMPLE.glob("*.ts"), EXAMPLE / "index.html"]
    sources = [file for file in EXAMPLE.glob("src/**/*.*") if GENERATED not in file.parents]
    files = [SCHEMA, EXAMPLES / "scalars.json", *sorted(own + sources)]
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()


@asynccontextmanager
async def console_before(server_url: str) -> AsyncIterator[str]:
    """Serve the build, with this server behind it, and yield its address."""
    vite = ("node", "node_modules/vite/bin/vite.js", "preview", "--port", "0")
    async with running(*vite, example=EXAMPLE, GRAPHQL_URL=server_url, NO_COLOR="1") as process:
        printed = await read_until(process.stdout, "Local:")
        (url,) = re.findall(r"http://127\.0\.0\.1:\d+", printed)
        yield url


@dataclass(slots=True, kw_only=True)
class Console:
    """The page, and its faults."""

    page: Page
    complaints: list[str]

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
        await expect(locator).to_contain_text(text, timeout=PATIENCE_MS)

    async def start(self, alias: str) -> None:
        """Start a finetuning and wait for its training to show."""
        await self.page.get_by_label("Alias").fill(alias)
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
async def open_console(browser: Browser, url: str) -> AsyncIterator[Console]:
    """Yield the page in a browser on its first visit."""
    async with open_workbench(browser, url) as workbench:
        console = Console(page=workbench.page, complaints=workbench.complaints)
        await console.page.goto(url)
        await console.shows(console.page.locator(".liveness"), "Live")
        await console.page.get_by_role("button", name="Start training").wait_for()
        yield console
        assert workbench.foreign == []
