"""Take the documentation's screenshots: ``python -m tests.graphiql.screenshots``."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page

from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from processes.nursery import Nursery
from tests.graphiql.served import serving_samples
from tests.graphiql.workbench import Workbench, chromium, open_browser, open_workbench

DIRECTORY = Path(__file__).parents[2] / "docs" / "screenshots"


async def take(workbench: Workbench) -> None:
    """Walk through the examples and keep their pictures."""
    page = workbench.page
    await workbench.open()
    await workbench.run()
    await workbench.until(lambda text: '"QUEUED"' in text)

    await workbench.open_tab("WatchFinetuning")
    await workbench.run()
    await workbench.until(lambda text: '"RUNNING"' in text)
    await keep(page, "watch")

    await workbench.open_tab("CancelFinetuning")
    await workbench.run()
    await workbench.until(lambda text: '"CONFIRMED"' in text)
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    documentation = page.locator(".graphiql-doc-explorer")
    await documentation.get_by_text("Mutation", exact=True).click()
    await documentation.get_by_text("cancelFinetuning", exact=True).click()
    await keep(page, "cancel")

    await workbench.open_tab("ListFinetunings")
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await workbench.run()
    await workbench.until(lambda text: '"nodes"' in text)
    await keep(page, "list")


async def keep(page: Page, name: str) -> None:
    """Keep the page as soon as nothing on it moves."""
    await page.mouse.move(640, 790)
    await page.screenshot(path=DIRECTORY / f"{name}.png", animations="disabled", caret="hide")


async def main() -> None:
    """Serve the sample data from a database of its own, and take all screenshots."""
    executable = chromium()
    if executable is None:
        raise SystemExit("Screenshots need chromium on PATH (apt-get install chromium).")
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, Nursery() as nursery:
        async with (
            EmbeddedMongod(Path(directory) / "mongod") as mongod,
            serving_samples(mongod.uri, nursery, Path(directory)) as url,
            open_browser(executable) as browser,
            open_workbench(browser, url) as workbench,
        ):
            await take(workbench)


if __name__ == "__main__":
    asyncio.run(main())
