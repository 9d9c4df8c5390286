"""The credential in the page: asked for when it is needed, sent every way, and kept for the tab alone."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, WebSocket

from graphql_api.access.key_format import Key
from graphql_api.documents import ObjectId
from graphql_api.finetunings.update import update
from graphql_api.scopes import ALL_SCOPES
from tests.graphiql.workbench import Workbench, chromium, open_browser, open_workbench
from tests.http.conftest import client_of
from tests.http.guarded import DEFAULT, Guarded, guarded_server
from tests.processes.patience import until
from tests.world import World

WANTED = "The server wants a credential: an API key or a token."
REFUSED = "The server refused the credential: it is wrong, has ended or was revoked. Enter another one."
KEPT = "Kept for this tab alone."
STORED = "() => [JSON.stringify(sessionStorage), JSON.stringify(localStorage) + document.cookie + location]"


@pytest.fixture
async def browser(built_page: Path) -> AsyncIterator[Browser]:
    """Yield a browser of the test's own loop."""
    executable = chromium()
    if executable is None:
        pytest.skip("needs chromium on PATH (apt-get install chromium)")
    async with open_browser(executable) as browser:
        yield browser


@asynccontextmanager
async def guarded_page(world: World, browser: Browser) -> AsyncIterator[tuple[Guarded, Workbench]]:
    """Serve the world to callers with keys, and open its page without one."""
    async with guarded_server(world, expose_schema=True) as guarded:
        url = str(guarded.http.base_url).rstrip("/")
        async with open_workbench(browser, url) as workbench:
            await workbench.page.goto(f"{url}/graphql")
            await note(workbench.page, WANTED).wait_for()
            yield guarded, workbench


def note(page: Page, text: str) -> Locator:
    """Return the words beside the field, read aloud by screen readers as they change."""
    return page.get_by_role("status").filter(has_text=text)


async def use(page: Page, key: Key) -> None:
    """Enter a credential, by the keyboard alone."""
    await page.get_by_label("Credential", exact=True).and_(page.locator("input")).focus()
    await page.keyboard.type(key.text)
    await page.keyboard.press("Enter")


async def test_the_page_asks_for_a_credential_and_goes_on_with_it(world: World, browser: Browser) -> None:
    """The schema is read again at once, and each request has the header."""
    await world.connection()
    async with guarded_page(world, browser) as (guarded, workbench):
        page, key = workbench.page, await guarded.key(*ALL_SCOPES)
        await use(page, key)
        await note(page, KEPT).wait_for()
        await workbench.until_filled_in()
        assert "UNAUTHENTICATED" not in await workbench.text("response.json")
        async with page.expect_request("**/graphql") as asked:
            await workbench.run()
        assert (await (await asked.value).all_headers())["authorization"] == f"Bearer {key.text}"
        await workbench.until(lambda text: '"QUEUED"' in text)


async def test_the_credential_stays_in_its_tab(world: World, browser: Browser) -> None:
    """A reload keeps it, another tab has none; no other storage, no URL and no field shows it."""
    await world.connection()
    async with guarded_page(world, browser) as (guarded, workbench):
        page, key = workbench.page, await guarded.key(*ALL_SCOPES)
        await use(page, key)
        await workbench.until_filled_in()
        await workbench.run()
        await workbench.until_kept("CreateFinetuning", key="graphiql:queries")
        of_tab, of_browser = await page.evaluate(STORED)
        assert key.text in of_tab
        assert key.text not in of_browser
        assert key.text not in await page.content()
        await page.reload()
        await note(page, KEPT).wait_for()
        await workbench.until_filled_in()
        beside = await page.context.new_page()
        await beside.goto(page.url)
        await note(beside, WANTED).wait_for()
        await page.get_by_role("button", name="Forget").click()
        assert key.text not in "".join(await page.evaluate(STORED))


async def test_a_wrong_credential_is_told_apart_from_none(world: World, browser: Browser) -> None:
    """The field is marked for everybody, and the next credential makes it good."""
    await world.connection()
    async with guarded_page(world, browser) as (guarded, workbench):
        page = workbench.page
        field = page.locator("#credential-input")
        await use(page, Key.new())
        await note(page, REFUSED).wait_for()
        assert await field.get_attribute("aria-invalid") == "true"
        assert (await field.get_attribute("type"), await field.get_attribute("name")) == ("password", None)
        await use(page, await guarded.key(*ALL_SCOPES))
        await note(page, KEPT).wait_for()
        assert await field.get_attribute("aria-invalid") == "false"


async def test_a_subscription_goes_on_with_a_fresh_credential(world: World, browser: Browser) -> None:
    """The socket has it in its introduction alone; after a revocation the page says so and waits."""
    training = await world.create()
    async with guarded_page(world, browser) as (guarded, workbench):
        page, sockets = workbench.page, list[tuple[WebSocket, list[str]]]()
        page.on("websocket", lambda socket: sockets.append((socket, _sent(socket))))
        first, second = await guarded.key(*ALL_SCOPES), await guarded.key(*ALL_SCOPES)
        await page.clock.install()
        await use(page, first)
        await workbench.until_filled_in()
        await workbench.open_tab("WatchFinetuning")
        await workbench.write("variables.json", json.dumps({"finetuningId": str(training.id)}))
        await workbench.run()
        await workbench.until(lambda text: str(training.id) in text)
        await guarded.keys.revoke(ObjectId(first.id), scope=DEFAULT)
        await note(page, REFUSED).wait_for()
        await page.clock.fast_forward("01:00")
        await update(str(training.id), {"alias": "b"}, caller=world.caller, engine=world.engine)
        await use(page, second)
        await workbench.until(lambda text: '"alias": "b"' in text)
        await until(lambda: all(sent for _, sent in sockets))
        assert len(sockets) == 2  # no attempt in between
        for (socket, sent), key in zip(sockets, (first, second), strict=True):
            assert key.text not in socket.url
            assert json.loads(sent[0])["payload"] == {"Authorization": f"Bearer {key.text}"}
            assert all(key.text not in later for later in sent[1:])


def _sent(socket: WebSocket) -> list[str]:
    """Return the list of all that the page sends over the socket from now on."""
    sent: list[str] = []
    socket.on("framesent", lambda payload: sent.append(str(payload)))
    return sent


async def test_an_open_servers_page_has_no_field(world: World, browser: Browser) -> None:
    """Nobody needs it there."""
    await world.connection()
    async with client_of(world) as http, open_workbench(browser, str(http.base_url).rstrip("/")) as workbench:
        await workbench.open()
        assert await workbench.page.locator("#credential-input").is_hidden()


async def test_the_page_never_offers_to_keep_headers(world: World, browser: Browser) -> None:
    """Neither in its settings, nor if an earlier page was told to."""
    await world.connection()
    async with client_of(world) as http, open_workbench(browser, str(http.base_url).rstrip("/")) as workbench:
        page = workbench.page
        await workbench.open()
        await workbench.until_kept('"activeTabIndex":2')
        await page.evaluate(
            """() => { for (const [name, value] of [['headers', 's3cret'], ['shouldPersistHeaders', 'true']])
                 localStorage[`finetuning-graphql-api:graphiql:${name}`] = value }"""
        )
        await workbench.open()
        await page.get_by_role("button", name="Headers").click()
        await workbench.write("headers.json", '{"Authorization": "Bearer s3cret"}')
        await page.get_by_role("button", name="Open settings dialog").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_text("Clear storage").wait_for()
        assert await dialog.get_by_text("Persist headers").count() == 0
        await page.keyboard.press("Escape")
        await workbench.run()
        await workbench.until_kept("CreateFinetuning", key="graphiql:queries")
        assert "s3cret" not in (await page.evaluate(STORED))[1]
