"""The console compares finetunings, and draws their losses over steps or time."""

import pytest
from playwright.async_api import Locator, expect

from tests.console.console_page import Console, ended
from tests.processes.client import Client
from tests.processes.patience import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

COLOURS = """(canvas, names) => {
  const style = getComputedStyle(document.documentElement)
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  const drawn = new Set()
  for (let at = 0; at < data.length; at += 4) drawn.add([data[at], data[at + 1], data[at + 2]].join())
  const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join()
  return names.filter((name) => drawn.has(parts(style.getPropertyValue(name).trim())))
}"""
RUNS = ["--chart-run-1", "--chart-run-2", "--chart-run-3"]


async def drawn(chart: Locator) -> list[str]:
    """Return which runs' colours are in the picture."""
    found: list[str] = await chart.locator("canvas").evaluate(COLOURS, RUNS)
    return found


async def test_two_runs_are_compared_in_one_chart(reporting: None, console: Console, server: Client) -> None:
    """With what differs, at an address that can be loaded again."""
    await console.start("three epochs")
    await console.start("five epochs", epochs="5")
    await console.page.get_by_role("checkbox", name="Choose three epochs").check()
    await expect(console.page.get_by_role("link", name="Compare the")).to_have_count(0)
    await console.page.get_by_role("checkbox", name="Choose five epochs").check()
    await console.page.get_by_role("link", name="Compare the 2 ticked").click()
    newest, older, *_ = await server.list()
    address = f"{console.url}/console/compare?ids={older['id']},{newest['id']}"
    assert console.page.url == address
    await console.page.reload()
    chart = console.page.get_by_role("img", name="Training loss of 2 of 2 finetunings over steps")
    await expect(chart).to_be_visible()

    async def both() -> bool | None:
        return await drawn(chart) == RUNS[:2] or None

    await eventually(both)  # a line wants two points
    table = console.page.get_by_role("region", name="Compared finetunings")
    await expect(table.get_by_role("columnheader").nth(2)).to_have_text("Epochs")
    await expect(table.get_by_role("row").nth(1).get_by_role("cell").nth(1)).to_have_text("3")
    await expect(table.get_by_role("row").nth(2).get_by_role("cell").nth(1)).to_have_text("5")
    await console.shows(console.page.locator(".content"), "The same in all: Model gpt-4.1-mini")
    assert "Batch size" not in await table.inner_text()


async def test_another_loss_and_time_stand_in_the_address(reporting: None, console: Console) -> None:
    """They are the same after a reload."""
    await console.start("by the clock")
    one = console.page.url.rsplit("/", 1)[1]
    await console.start("by the clock too")
    two = console.page.url.rsplit("/", 1)[1]
    await console.page.goto(f"{console.url}/console/compare?ids={one},{two}")
    await console.page.get_by_role("combobox", name="Over").select_option(
        label="minutes since the first step"
    )
    await console.page.get_by_role("combobox", name="Loss").select_option(label="Validation")
    assert console.page.url.endswith("&x=time&loss=validLoss")
    await console.page.reload()
    words = "Validation loss of 2 of 2 finetunings over minutes since the first step"
    await expect(console.page.get_by_role("img", name=words)).to_be_visible()


async def test_the_losses_of_one_are_drawn_over_time(reporting: None, console: Console) -> None:
    """On demand; the address says so."""
    await console.start("over time")
    await expect(console.page.get_by_role("img", name="Loss up to step")).to_be_visible()
    await console.page.get_by_role("combobox", name="Over").select_option(
        label="minutes since the first step"
    )
    await console.page.reload()
    await expect(console.page.get_by_role("img", name="Loss up to minute")).to_be_visible()
    await console.page.get_by_role("combobox", name="Over").select_option(label="steps")
    await expect(console.page.get_by_role("img", name="Loss up to step")).to_be_visible()
    assert "x=" not in console.page.url


async def test_a_run_that_does_not_exist_is_named(console: Console, server: Client) -> None:
    """The others are compared all the same, and one without a loss has no line."""
    await ended(server, "without a loss")
    (newest, *_) = await server.list()
    gone = "65f0c0ffee65f0c0ffee65f0"
    await console.page.goto(f"{console.url}/console/compare?ids={newest['id']},{gone}")
    await console.shows(console.page.locator(".content"), f"There is no finetuning with the id {gone}.")
    await console.shows(console.page.get_by_role("region", name="Compared finetunings"), "without a loss")


async def test_nothing_to_compare_leads_to_the_list(console: Console) -> None:
    """It says how to begin."""
    await console.page.goto(f"{console.url}/console/compare")
    await console.shows(console.page.locator(".content"), "Tick two finetunings or more in the list")
