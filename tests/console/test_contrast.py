"""The borders of the console can be seen."""

from typing import Literal

import pytest

from tests.console.console_page import Console, ended
from tests.processes.client import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEAST = 3
"""By WCAG 2.2, 1.4.11, for what shows where something to press or to fill in is."""
BORDERS = """() => {
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour) => {
    brush.clearRect(0, 0, 1, 1)
    brush.fillStyle = colour
    brush.fillRect(0, 0, 1, 1)
    return [...brush.getImageData(0, 0, 1, 1).data]
  }
  const light = (colour) => {
    const [red, green, blue] = rgba(colour).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const behind = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at)
      if (rgba(backgroundColor)[3] === 255) return backgroundColor
    }
  }
  const found = []
  for (const element of document.body.querySelectorAll('*')) {
    if (!element.checkVisibility() || element.disabled) continue
    const style = getComputedStyle(element)
    for (const side of ['Top', 'Right', 'Bottom', 'Left']) {
      if (style[`border${side}Style`] === 'none' || style[`border${side}Width`] === '0px') continue
      const [one, other] = [light(style[`border${side}Color`]), light(behind(element))]
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
      found.push([`${element.localName}.${element.className}`, contrast])
    }
  }
  return found
}"""


async def faint(console: Console) -> dict[str, float]:
    """Return the borders that are hard to see, with their contrast."""
    found: list[tuple[str, float]] = await console.page.evaluate(BORDERS)
    assert len(found) > 10
    return {name: contrast for name, contrast in found if contrast < LEAST}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_border_stands_out(
    console: Console, server: Client, scheme: Literal["light", "dark"]
) -> None:
    """In every state, with the dialogs."""
    await ended(server, "bordered")
    newest, *_ = await server.list()
    await console.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for state in ("?text=bordered", f"finetunings/{newest['id']}", "new", "golden-records"):
        await console.page.goto(f"{console.url}/console/{state}")
        await console.shows(console.page.locator(".row").first, "bordered")
        assert await faint(console) == {}, state
    await console.page.get_by_role("button", name="Remove “").first.click()
    assert await faint(console) == {}


async def test_a_faint_border_is_found(console: Console) -> None:
    """Of a button in the colour of the page."""
    await console.visit("new")
    await console.page.evaluate("document.querySelector('.primary').style.borderColor = 'rgb(250 250 250)'")
    await console.page.emulate_media(color_scheme="light")
    assert list(await faint(console)) == ["button.primary"]
