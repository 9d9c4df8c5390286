"""The console loses its server, an answer, or a subscription."""

import json
import os
import re
import signal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from tests.console.console_page import MILESTONES, Console, ended
from tests.processes.client import CREATE, Client
from tests.processes.deployment import Deployment

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNREACHED = re.compile(r"WebSocket|ERR_CONNECTION_REFUSED")
"""What a browser says of each socket that it cannot open, and of a query sent while nobody listens."""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_lost_connection_is_taken_up_where_it_broke_off(
    console: Console, deployment: Deployment, server: Client, number: signal.Signals
) -> None:
    """The page says that it is not live; with the next server it repeats nothing, and nothing is missing."""
    await console.start("reconnected")
    total = (await server.ask("{ finetunings { totalCount } }"))["totalCount"]
    # The count comes a second behind a new row: a query on its way to a killed server is reset.
    await console.shows(console.page.locator("#list-title"), f"The newest {total} in all")
    os.kill(deployment.servers[-1].pid, number)
    await console.shows(console.page.locator(".liveness"), "Reconnecting…")
    await deployment.kill()
    elsewhere = await deployment.start()
    await ended(elsewhere, "meanwhile")
    await deployment.start(port=urlsplit(server.url).port)
    await console.shows(console.page.locator(".liveness"), "Live")
    await console.shows(console.page.locator(".row").first, "meanwhile")
    await console.cancel()
    await console.shows(console.verdict, "Cancelled and confirmed")
    await console.shows(console.detail.locator(".timeline"), "Cancelled")
    assert [title for title in await console.titles() if title in MILESTONES] == MILESTONES
    assert [one for one in console.complaints if not UNREACHED.search(one)] == []
    console.complaints.clear()


async def test_a_subscription_that_the_server_ends_is_begun_again(console: Console, server: Client) -> None:
    """As it does with one that is too slow; the socket stays open."""
    sockets: list[WebSocketRoute] = []
    subscribed: list[str] = []

    def join(socket: WebSocketRoute) -> None:
        behind = socket.connect_to_server()
        sockets.append(socket)

        def pass_on(message: str | bytes) -> None:
            said = json.loads(message)
            if said["type"] == "subscribe":
                subscribed.append(said["id"])
            behind.send(message)

        socket.on_message(pass_on)

    await console.page.route_web_socket("**/graphql", join)
    await console.page.reload()
    await console.shows(console.page.locator(".liveness"), "Live")
    await console.start("ended")
    (socket,), before = sockets, len(subscribed)
    socket.send(json.dumps({"id": subscribed[0], "type": "complete"}))
    await console.shows(console.page.locator(".liveness"), "Reconnecting…")
    await console.shows(console.page.locator(".liveness"), "Live")
    assert (len(sockets), len(subscribed)) == (1, before + 1)
    given = {"dbConnectionId": await server.connection(), "alias": "afterwards"}
    await server.ask(CREATE, input=given)
    await console.shows(console.page.locator(".row").first, "afterwards")


async def test_a_deleted_finetuning_is_followed_no_further(console: Console, server: Client) -> None:
    """Its subscription is over then, and is not begun again; the page stays live all the while."""
    await console.start("deleted elsewhere")
    await console.page.evaluate("""() => {
        const liveness = document.querySelector('.liveness')
        window.words = []
        new MutationObserver(() => window.words.push(liveness.textContent))
            .observe(liveness, { characterData: true, childList: true, subtree: true })
    }""")
    newest, *_ = await server.list()
    await server.delete(newest["id"])
    await console.shows(console.detail.locator(".timeline"), "Deleted")
    # It comes over the same socket, behind the end of that subscription.
    await server.ask(CREATE, input={"dbConnectionId": await server.connection(), "alias": "after that"})
    await console.shows(console.page.locator(".row").first, "after that")
    assert await console.page.evaluate("window.words") == []


async def test_a_lost_answer_makes_no_second_finetuning(console: Console) -> None:
    """The button is pressed again with the same key, and the server answers with the first one."""

    async def lose_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await console.visit("new")
    await console.shows(console.page.get_by_role("main").locator("form"), "(")
    await console.page.route("**/graphql", lose_answer, times=1)
    await console.page.get_by_label("Alias").fill("only once")
    await console.page.get_by_role("button", name="Start training").click()
    refusal = console.page.get_by_role("alert")
    await console.shows(refusal, "The server cannot be reached")
    await console.page.get_by_role("button", name="Start training").click()
    await console.shows(console.detail.locator("header"), "Training")
    await expect(refusal).to_have_count(0)
    await expect(console.page.locator(".row", has_text="only once")).to_have_count(1)
    assert console.complaints == ["Failed to load resource: net::ERR_FAILED"]
    console.complaints.clear()


async def test_every_panel_recovers_by_itself(console: Console) -> None:
    """What is not known is not called nothing, and nobody presses a button."""

    async def refuse(route: Route) -> None:
        error = {"message": "Away.", "extensions": {"code": "STORE_UNAVAILABLE"}}
        await route.fulfill(status=200, json={"data": None, "errors": [error]})

    await console.start("there all the time")
    await console.page.route("**/graphql", refuse)
    for state, panel in (
        ("console", ".list"),
        ("console/new", ".content"),
        ("console/golden-records", ".content"),
    ):
        await console.page.goto(f"{console.url}/{state}")
        await console.shows(console.page.locator(panel), "STORE_UNAVAILABLE")
        for words in ("None yet", "Nothing matches", "no database connection", "no finetuning"):
            assert words not in await console.page.get_by_role("main").inner_text()
    await console.page.unroute("**/graphql")
    await expect(console.page.get_by_role("alert")).to_have_count(0)
    await console.shows(console.page.locator(".row").first, "there all the time")
    await console.shows(console.page.locator(".records"), "SELECT")
