"""The order of the console's list."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.console.console_page import Console, ended, made
from tests.processes.client import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROVIDERS_TICK_S = 1.1
"""Longer than the unit of a provider's times, so that two ends differ."""


async def test_the_order_stands_in_the_address(console: Console, server: Client) -> None:
    """By creation and by end, and after a reload; each choice turns the list."""
    first, second = await made(server, "made first", "made second")
    await server.cancel(second)
    await asyncio.sleep(PROVIDERS_TICK_S)
    await server.cancel(first)
    titles = console.page.locator(".row-title")
    await console.page.goto(f"{console.url}/console?text=made")
    await expect(titles).to_have_text(["made second", "made first"])
    order = console.page.get_by_role("combobox", name="Order")
    await order.select_option(label="The last to end first")
    await expect(titles).to_have_text(["made first", "made second"])
    await order.select_option(label="The first to end first")
    await expect(titles).to_have_text(["made second", "made first"])
    await order.select_option(label="The oldest first")
    await expect(titles).to_have_text(["made first", "made second"])
    await console.page.reload()
    await expect(titles).to_have_text(["made first", "made second"])
    assert console.page.url.endswith("?text=made&order=oldest")
    await order.select_option(label="The newest first")
    await expect(titles).to_have_text(["made second", "made first"])
    assert console.page.url.endswith("?text=made")


async def test_a_sorted_list_has_pages(console: Console, server: Client) -> None:
    """Each goes on where the last one ended; what is new comes into its place."""
    await ended(server, *[f"sorted {number}" for number in range(51)])
    await console.page.goto(f"{console.url}/console?text=sorted&order=oldest")
    rows, titles = console.page.locator(".row"), console.page.locator(".row-title")
    await expect(rows).to_have_count(50)
    await expect(titles.first).to_have_text("sorted 0")
    await console.page.get_by_role("button", name="Next").click()
    await expect(titles).to_have_text(["sorted 50"])
    await ended(server, "sorted 51")
    await expect(titles).to_have_text(["sorted 50", "sorted 51"])


async def test_an_order_that_nobody_knows_is_none(console: Console, server: Client) -> None:
    """As in an address that somebody typed."""
    await ended(server, "typed one", "typed two")
    await console.page.goto(f"{console.url}/console?text=typed&order=constructor&status=constructor")
    await expect(console.page.locator(".row-title")).to_have_text(["typed two", "typed one"])
