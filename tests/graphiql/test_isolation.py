"""The policies of the pages, tried in a browser."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route

from tests.graphiql.workbench import Workbench, open_workbench
from tests.http.graphql.test_graphiql import BROWSER, client_of
from tests.processes.patience import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRY_EVERYTHING = """
elsewhere => {
  window.refused = []
  document.addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective))
  const add = (name, attributes) =>
    document.body.append(Object.assign(document.createElement(name), attributes))
  fetch(elsewhere).catch(() => {})
  navigator.sendBeacon(elsewhere)
  try { new WebSocket(elsewhere.replace('http', 'ws')) } catch {}
  add('img', { src: elsewhere })
  add('script', { src: elsewhere })
  add('script', { textContent: 'window.inlineScriptRan = true' })
  add('link', { rel: 'stylesheet', href: elsewhere })
  add('style', { textContent: `@font-face { font-family: X; src: url(${elsewhere}) }` })
  document.body.style.fontFamily = 'X'
  add('iframe', { src: elsewhere })
  add('object', { data: elsewhere })
  try { new Worker(URL.createObjectURL(new Blob(['1']))) } catch {}
  const form = document.createElement('form')
  Object.assign(form, { action: elsewhere, method: 'post' })
  document.body.append(form)
  form.submit()
}
"""
REFUSED = {
    "connect-src",
    "font-src",
    "form-action",
    "frame-src",
    "img-src",
    "object-src",
    "script-src-elem",
    "style-src-elem",
    "worker-src",
}


@dataclass(slots=True, kw_only=True)
class Elsewhere:
    """Another server, its answer, and the first line of each request to it."""

    url: str
    html: str = ""
    requests: list[bytes] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note the request and answer it; a browser also connects ahead of one that it then refuses."""
        if line := await reader.readline():
            self.requests.append(line)
            head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(self.html)}\r\n\r\n"
            writer.write((head + self.html).encode())
            await writer.drain()
        writer.close()


@pytest_asyncio.fixture(loop_scope="module")
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Yield a server of another origin."""
    elsewhere = Elsewhere(url="")
    async with await asyncio.start_server(elsewhere.answer, "127.0.0.1", 0) as server:
        elsewhere.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield elsewhere


async def test_the_page_reaches_nothing_but_its_server(workbench: Workbench, elsewhere: Elsewhere) -> None:
    """A script in the page may try anything: a stolen token has nowhere to go."""
    page = workbench.page
    await page.evaluate(TRY_EVERYTHING, elsewhere.url)

    async def look() -> bool | None:
        return set(await page.evaluate("() => refused")) == REFUSED or None

    await eventually(look)
    assert await page.evaluate("() => window.inlineScriptRan") is None
    assert elsewhere.requests == []
    workbench.complaints.clear()  # the refusals


async def test_the_page_cannot_be_framed(browser: Browser, url: str, elsewhere: Elsewhere) -> None:
    """So no person can be made to click in it."""
    elsewhere.html = f'<iframe src="{url}/graphql"></iframe>'
    async with open_workbench(browser, url) as framing:
        await framing.page.goto(elsewhere.url, wait_until="load")
        (_, frame) = framing.page.frames
        assert frame.url == "chrome-error://chromewebdata/"


async def test_the_page_of_a_cdn_gets_all_it_asks_for(browser: Browser, tmp_path: Path) -> None:
    """Without a built page: its policy stands in the way of nothing, and here it has no CDN to reach."""
    page = await client_of(tmp_path / "absent").get("/graphql", headers={"accept": BROWSER})
    url = "http://127.0.0.1:9/graphql"
    async with open_workbench(browser, url) as workbench:

        async def answer(route: Route) -> None:
            headers = {name: page.headers[name] for name in ("content-type", "content-security-policy")}
            await route.fulfill(body=page.text, headers=headers)

        await workbench.page.context.route(url, answer)
        await workbench.page.goto(url, wait_until="load")
        assert len(workbench.foreign) == page.text.count("integrity=")
        assert all(asked.startswith("https://unpkg.com/") for asked in workbench.foreign)
        assert [text for text in workbench.complaints if "Content Security Policy" in text] == []
