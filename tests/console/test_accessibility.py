"""The console by the rules of axe, in each of its states."""

from pathlib import Path
from typing import Literal

import pytest

from tests.console.console_page import Console, made
from tests.processes.client import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => (await axe.run()).violations.map(
    ({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | '))"""
WIDTHS = (1280, 390)


@pytest.fixture
def axe() -> str:
    """Return axe's script."""
    if not AXE.is_file():
        pytest.skip("axe is not installed: run make dev with Node.js 20.19, 22.12 or newer on PATH")
    return AXE.read_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_state_violates_a_rule(
    reporting: None, console: Console, server: Client, axe: str, scheme: Literal["light", "dark"]
) -> None:
    """Wide and narrow."""
    await console.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await console.start("accessible")
    await console.page.get_by_role("img", name="Loss up to step").wait_for()
    newest, *_ = await server.list()
    await server.cancel(newest["id"])
    (over,) = await made(server, "accessible as well")
    await server.cancel(over)
    await console.shows(console.verdict, "Cancelled and confirmed")
    found = {}
    for state in (
        f"finetunings/{newest['id']}",
        "",
        "new",
        "golden-records",
        "nowhere",
        "?text=nothing+at+all",
        "?text=accessible&order=ended",
        f"finetunings/{newest['id']}?x=time",
        f"compare?ids={newest['id']},{over},65f0c0ffee65f0c0ffee65f0",
        "compare",
        "golden-records?find=author&warnings=only",
    ):
        await console.page.goto(f"{console.url}/console/{state}")
        await console.shows(console.page.locator(".liveness"), "Live")
        for width in WIDTHS:
            await console.page.set_viewport_size({"width": width, "height": 800})
            await console.page.evaluate(axe)
            found[state, width] = await console.page.evaluate(VIOLATIONS)
            assert await console.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state
    assert found == {state: [] for state in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_dialog_violates_a_rule(
    console: Console, server: Client, axe: str, scheme: Literal["light", "dark"]
) -> None:
    """They cover the page, wide and narrow."""
    await console.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {}

    async def look(dialog: str) -> None:
        await console.dialog.get_by_role("heading").wait_for()
        for width in WIDTHS:
            await console.page.set_viewport_size({"width": width, "height": 800})
            await console.page.evaluate(axe)
            found[dialog, width] = await console.page.evaluate(VIOLATIONS)
        await console.page.set_viewport_size({"width": 1280, "height": 800})

    await console.start(f"asked in {scheme}")
    await console.page.get_by_role("button", name="Cancel…").click()
    await look("cancel")
    await console.page.keyboard.press("Escape")
    await console.page.get_by_role("button", name="Delete…").click()
    await look("delete")
    await console.page.keyboard.press("Escape")
    await console.page.get_by_role("checkbox", name=f"Choose asked in {scheme}").check()
    await console.page.get_by_role("button", name="Cancel the 1 ticked…").click()
    await console.shows(console.dialog, "would be cancelled")
    await look("what would be cancelled")
    await console.dialog.get_by_role("button", name="Cancel 1 finetuning").click()
    await console.shows(console.dialog, "Cancelled and confirmed")
    await look("what was cancelled")
    await console.dialog.get_by_role("button", name="Close").click()
    await console.visit("golden-records")
    await console.page.get_by_role("button", name="Edit “").first.click()
    await look("edit")
    await console.page.keyboard.press("Escape")
    await console.page.get_by_role("button", name="Remove “").first.click()
    await look("remove")
    assert found == {state: [] for state in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_outcome_of_an_import_violates_a_rule(
    console: Console, axe: str, scheme: Literal["light", "dark"]
) -> None:
    """Neither a good one nor a bad one."""
    await console.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await console.visit("golden-records")
    file = console.page.get_by_label("Drop a file of JSON Lines here")
    for text, words in (
        (b'{"prompt_text": "Sure?", "sql": "DELETE FROM author"}', "with warnings"),
        (b"nothing", "Nothing was stored"),
    ):
        await file.set_input_files({"name": "a.jsonl", "mimeType": "text/plain", "buffer": text})
        await console.shows(console.page.get_by_role("region", name="Import a file"), words)
        for width in WIDTHS:
            await console.page.set_viewport_size({"width": width, "height": 800})
            await console.page.evaluate(axe)
            assert await console.page.evaluate(VIOLATIONS) == []


async def test_a_narrow_screen_shows_the_list_first(console: Console, server: Client) -> None:
    """Then what was chosen, with the focus on its title and a way back."""
    await console.start("narrow")
    await console.page.set_viewport_size({"width": 390, "height": 800})
    await console.page.goto(f"{console.url}/console")
    row = console.page.locator(".row").first
    await console.shows(row, "narrow")
    assert not await console.page.locator(".content").is_visible()
    await row.click()
    title = console.detail.get_by_role("heading", level=2)
    await console.shows(title, "narrow")
    assert not await row.is_visible()
    assert await title.evaluate("title => title === document.activeElement")
    await console.page.get_by_role("link", name="All finetunings").click()
    assert await row.is_visible()


async def test_a_violation_is_found(console: Console, axe: str) -> None:
    """In a page without a language, and with text that is hardly there."""
    await console.page.evaluate("""() => {
        document.documentElement.removeAttribute('lang')
        document.querySelector('.bar h1 a').style.color = 'rgb(128 128 128 / 20%)'
    }""")
    await console.page.evaluate(axe)
    found: list[str] = await console.page.evaluate(VIOLATIONS)
    assert {violation.split(":")[0] for violation in found} == {"html-has-lang", "color-contrast"}
