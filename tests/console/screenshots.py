"""Take the screenshots of the console: ``python -m tests.console.screenshots``."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.async_api import expect

from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.openai import Fault
from processes.nursery import Nursery
from tests.console.console_page import Console, open_console
from tests.graphiql.screenshots import keep
from tests.graphiql.workbench import chromium, open_browser
from tests.processes.deployment import Deployment, open_deployment


async def take(console: Console, deployment: Deployment) -> None:
    """Show a training, and a cancel without the provider's confirmation."""
    await console.start("library, first try")
    deployment.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.cancel"))
    await console.cancel()
    await console.dialog.get_by_role("button", name="Close").click()
    await console.start("library, 5 epochs")
    await console.cancel()
    await console.shows(console.verdict, "Cancelled and confirmed")
    await console.start("library, nightly")
    await console.shows(console.detail.locator("progress + span"), "step 12 of")
    await keep(console.page, "console")
    await console.page.set_viewport_size({"width": 390, "height": 800})
    await keep(console.page, "console-narrow")
    await console.visit()
    await console.page.emulate_media(color_scheme="dark")
    await keep(console.page, "console-narrow-list")
    await console.page.set_viewport_size({"width": 1280, "height": 800})
    await console.page.go_back()

    deployment.fault(Fault(kind=FaultKind.STATUS, operation="jobs.cancel", status=503, times=None))
    await console.cancel()
    await expect(console.dialog).to_have_count(0)
    await console.shows(console.verdict, "Last error: ")
    await keep(console.page, "console-requested")
    deployment.sandbox.faults.clear()
    await compare(console)


async def compare(console: Console) -> None:
    """Show two trainings in one chart, in the dark as well."""
    for alias, epochs in (("library, 4 epochs", "4"), ("library, 6 epochs", "6")):
        await console.start(alias, epochs=epochs)
        await console.shows(console.detail.locator("progress + span"), "step 12 of")
        await console.page.get_by_role("checkbox", name=f"Choose {alias}").check()
    await console.page.get_by_role("link", name="Compare the 2 ticked").click()
    await console.page.get_by_role("img", name="Training loss of 2 of 2").wait_for()
    await keep(console.page, "console-compare")
    await console.page.emulate_media(color_scheme="light")
    await console.visit("golden-records")
    await console.page.get_by_role("button", name="Remove “").first.wait_for()
    await keep(console.page, "console-golden-records")


async def main() -> None:
    """Serve a database of its own, and take all screenshots."""
    executable = chromium()
    if executable is None:
        raise SystemExit("Screenshots need chromium on PATH (apt-get install chromium).")
    with tempfile.TemporaryDirectory() as directory, Nursery() as nursery:
        async with (
            EmbeddedMongod(Path(directory) / "mongod") as mongod,
            open_deployment(mongod.uri, nursery, Path(directory)) as deployment,
        ):
            account = deployment.sandbox.account
            account.durations = replace(account.durations, running_s=120)
            server = await deployment.start()
            await server.connection()
            async with (
                open_browser(executable) as browser,
                open_console(browser, server.url) as console,
            ):
                await take(console, deployment)


if __name__ == "__main__":
    asyncio.run(main())
