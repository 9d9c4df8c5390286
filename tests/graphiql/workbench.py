"""GraphiQL in a real browser, as a person uses it.

It also notes the page's own requests and complaints.
"""

import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    WebSocket,
    async_playwright,
)

from tests.processes.patience import eventually


def chromium() -> str | None:
    """Return the path of Debian's browser, if it is installed."""
    return shutil.which("chromium")


UNPROTECTED = "--disable-features=LocalNetworkAccessChecks"


@asynccontextmanager
async def open_browser(executable: str, *, names: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """Yield a browser that finds no host but this one, which has ``names`` beside its own.

    It does not protect the machine's network from pages, as older browsers do not.
    """
    here = "".join(f"MAP {name} 127.0.0.1, " for name in names)
    offline = f"--host-resolver-rules={here}MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[offline, UNPROTECTED])
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(slots=True, kw_only=True)
class Workbench:
    """The page, and its faults."""

    page: Page
    url: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def open(self) -> None:
        """Open the page and wait for the schema, with the first example filled in."""
        await self.page.goto(f"{self.url}/graphql")
        await self.page.get_by_role("tab").first.wait_for()
        await self.until_filled_in()

    async def until_filled_in(self) -> None:
        """Wait for the id of a database connection in the first example."""
        filled_in = re.compile(r'"dbConnectionId": "[0-9a-f]{24}"')
        await self.until(lambda text: filled_in.search(text) is not None, editor="variables.json")

    async def text(self, editor: str) -> str:
        """Return an editor's text: operation.graphql, variables.json, headers.json, response.json."""
        text: str = await self.page.evaluate(
            """name => globalThis.__MONACO?.editor.getModels()
                 .find(model => model.uri.path.endsWith(name))?.getValue() ?? ''""",
            editor,
        )
        return text

    async def write(self, editor: str, text: str) -> None:
        """Let this stand in an editor instead."""
        await self.page.evaluate(
            """([name, text]) => globalThis.__MONACO.editor.getModels()
                 .find(model => model.uri.path.endsWith(name)).setValue(text)""",
            [editor, text],
        )

    async def until(self, holds: Callable[[str], bool], *, editor: str = "response.json") -> str:
        """Return the editor's text as soon as this holds of it."""

        async def look() -> str | None:
            text = await self.text(editor)
            return text if holds(text) else None

        return await eventually(look)

    async def tabs(self) -> list[str]:
        """Return the titles of the tabs."""
        return await self.page.get_by_role("tab").all_inner_texts()

    async def open_tab(self, title: str) -> None:
        """Go to a tab and wait for GraphiQL to read its operation: a tenth of a second."""
        await self.page.get_by_role("tab", name=title).click()

        async def look() -> bool | None:
            operation = await self.text("operation.graphql")
            return (title in operation and operation == await self._kept("graphiql:query")) or None

        await eventually(look)

    async def run(self) -> None:
        """Press the button to execute the operation, or to stop it."""
        await self.page.locator("button.graphiql-execute-button").click()

    async def until_objected(self, *objections: str) -> None:
        """Wait for the editors to object to this and to nothing else; the rules of a tab come behind it."""

        async def look() -> bool | None:
            marked: list[dict[str, str]] = await self.page.evaluate(
                "() => globalThis.__MONACO.editor.getModelMarkers({})"
            )
            return [marker["message"] for marker in marked] == [*objections] or None

        await eventually(look)

    async def until_kept(self, text: str, *, key: str = "graphiql:tabState") -> None:
        """Wait for the text in the page's storage under this key."""

        async def look() -> bool | None:
            return text in await self._kept(key) or None

        await eventually(look)

    async def _kept(self, key: str) -> str:
        kept: str | None = await self.page.evaluate(
            "key => localStorage.getItem('finetuning-graphql-api:' + key)", key
        )
        return kept or ""


@asynccontextmanager
async def open_workbench(browser: Browser, url: str) -> AsyncIterator[Workbench]:
    """Yield a page of a browser on its first visit."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        workbench = Workbench(page=await context.new_page(), url=url)
        await _watch(context, workbench)
        yield workbench
    finally:
        await context.close()


async def _watch(context: BrowserContext, workbench: Workbench) -> None:
    """Note and stop every request out of this machine; note every complaint."""

    async def keep_home(route: Route) -> None:
        if _is_at_home(route.request.url):
            await route.continue_()
        else:
            workbench.foreign.append(route.request.url)
            await route.abort()

    await context.route("**/*", keep_home)

    def note_socket(socket: WebSocket) -> None:
        if not _is_at_home(socket.url):
            workbench.foreign.append(socket.url)

    def note_message(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            workbench.complaints.append(message.text)

    page = workbench.page
    page.on("pageerror", lambda error: workbench.complaints.append(str(error)))
    page.on("console", note_message)
    page.on("websocket", note_socket)


def _is_at_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob"} or parts.hostname == "127.0.0.1"
