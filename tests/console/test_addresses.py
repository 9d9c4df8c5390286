"""Every state of the console has an address."""

import pytest
from playwright.async_api import Route, expect

from tests.console.console_page import Console, ended
from tests.processes.client import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_browser_comes_to_the_console(console: Console) -> None:
    """From the server's front."""
    assert console.page.url == f"{console.url}/console"


async def test_every_state_can_be_shared_and_loaded_again(console: Console, server: Client) -> None:
    """A finetuning at its own address, and the way back and forth between states."""
    await console.start("shared")
    newest, *_ = await server.list()
    assert console.page.url == f"{console.url}/console/finetunings/{newest['id']}"
    await console.page.reload()
    await console.shows(console.detail.get_by_role("heading", level=2), "shared")
    await console.page.go_back()
    await console.shows(console.page.get_by_role("heading", level=2).last, "Start a finetuning")
    await console.page.goto(f"{console.url}/console/finetunings/65f0c0ffee65f0c0ffee65f0")
    await console.shows(console.page.locator(".content"), "There is no finetuning with this id.")
    await console.page.goto(f"{console.url}/console/somewhere/else/")
    await console.shows(console.page.locator(".content"), "There is nothing at this address.")


async def test_the_list_is_narrowed_by_its_address(console: Console, server: Client) -> None:
    """By text and by status; a match is kept up to date, and the filter goes with a choice."""
    await ended(server, "narrow one", "broad one")
    rows = console.page.locator(".row")
    await console.page.goto(f"{console.url}/console?text=narrow&status=CANCELLED")
    await expect(rows).to_have_count(1)
    await console.shows(rows, "narrow one")
    await rows.click()
    await console.shows(console.detail.get_by_role("heading", level=2), "narrow one")
    assert console.page.url.endswith("?text=narrow&status=CANCELLED")
    await ended(server, "narrow two")
    await expect(rows).to_have_count(2)
    await console.page.get_by_label("Status").select_option(label="Failed")
    await console.shows(console.page.locator(".list"), "Nothing matches.")


async def test_the_search_is_that_of_the_address(console: Console, server: Client) -> None:
    """It is empty again on the way out of it."""
    await ended(server, "sought")
    await console.page.goto(f"{console.url}/console?text=sought")
    search = console.page.get_by_label("Name contains")
    await expect(search).to_have_value("sought")
    await console.page.get_by_role("link", name="Finetunings", exact=True).click()
    await expect(search).to_have_value("")


async def test_from_a_page_that_is_no_more_a_link_leads_on(console: Console) -> None:
    """Its cursor may be wrong, or of another order."""
    await console.page.goto(f"{console.url}/console?after=zzz")
    refusal = console.page.locator(".list").get_by_role("alert")
    await console.shows(refusal, "The server cannot use this value")
    await console.page.get_by_role("link", name="Show the newest").click()
    await console.shows(console.page.locator("#list-title"), "The newest")
    await expect(refusal).to_have_count(0)


async def test_the_pages_of_the_list_have_addresses(console: Console, server: Client) -> None:
    """Beyond the first fifty, and back."""
    await ended(server, *[f"number {number}" for number in range(51)])
    await console.page.reload()
    await expect(console.page.locator(".row")).to_have_count(50)
    await console.page.get_by_role("button", name="Next").click()
    await expect(console.page.locator(".row", has_text="number 50")).to_have_count(0)
    await console.page.reload()
    await console.shows(console.page.locator(".row").first, "number 0")
    await console.page.get_by_role("button", name="Previous").click()
    await console.shows(console.page.locator(".row").first, "number 50")


async def test_one_like_another_is_filled_in(console: Console) -> None:
    """With its database and its parameters, from the address."""
    await console.start("first of two")
    await console.page.get_by_role("link", name="New one like it").click()
    await expect(console.page.get_by_label("Epochs")).to_have_value("3")
    assert "&epochs=3&batch=auto&rate=auto" in console.page.url
    await console.page.get_by_label("Alias").fill("second of two")
    await console.page.get_by_role("button", name="Start training").click()
    await console.shows(console.detail.get_by_role("heading", level=2), "second of two")


async def test_a_proxy_may_serve_it_under_a_prefix(console: Console, server: Client) -> None:
    """The page finds its files, the API and its own states there, and knows nothing of the prefix."""

    async def strip(route: Route) -> None:
        response = await route.fetch(url=route.request.url.replace("/ft/", "/", 1), max_redirects=0)
        await route.fulfill(response=response)

    await ended(server, "behind a proxy")
    await console.page.route("**/ft/**", strip)
    await console.page.goto(f"{console.url}/ft/console")
    row = console.page.locator(".row").first
    await console.shows(row, "behind a proxy")
    await row.click()
    await console.shows(console.detail.get_by_role("heading", level=2), "behind a proxy")
    newest, *_ = await server.list()
    assert console.page.url == f"{console.url}/ft/console/finetunings/{newest['id']}"
    await console.page.reload()
    await console.shows(console.detail.get_by_role("heading", level=2), "behind a proxy")
    assert [one for one in console.complaints if "WebSocket" not in one] == []
    await console.page.unroute_all(behavior="ignoreErrors")  # the page still asks for something
    console.complaints.clear()  # this proxy passes no socket on
