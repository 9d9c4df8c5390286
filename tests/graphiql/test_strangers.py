"""Pages of strangers in a real browser: none of them reads or changes anything."""

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from playwright.async_api import Browser, Page, Route
from structlog.testing import capture_logs

from graphql_api.documents import Finetuning
from tests.graphiql.workbench import chromium, open_browser
from tests.http.conftest import client_of
from tests.world import World

OURS, REBOUND, ELSEWHERE = "api.example.com", "rebound.example", "elsewhere.example"
"""The server's own name; a name that points to the server, and is not its own; another server's name."""
ALLOWED = ("127.0.0.1", OURS)

READ = "query { finetunings(first: 5) { nodes { id alias } } }"
DELETE = "mutation ($id: ID!) { deleteFinetuning(finetuningId: $id) { phase } }"
CANCEL = "mutation ($id: ID!) { cancelFinetuning(finetuningId: $id) { status } }"

FETCH = """
async ([url, body]) => {
  const headers = { 'content-type': 'application/json' }
  return await fetch(url, { method: 'POST', headers, body }).then(answer => answer.status, () => 'failed')
}
"""
CONNECT = """
([url, payload]) => new Promise(resolve => {
  const socket = new WebSocket(url, 'graphql-transport-ws')
  socket.onerror = () => resolve('refused')
  socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init' }))
  socket.onmessage = ({ data }) => {
    const { type } = JSON.parse(data)
    if (type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
    else resolve(type)
  }
})
"""
FORM = """
<meta name="referrer" content="{referrer}">
<form method="post" action="{action}" enctype="{enctype}">{fields}</form>
"""
FORMS = {
    "empty": ("application/x-www-form-urlencoded", ""),
    "json_in_text": ("text/plain", """<input name='{"x": "' value='"}'>"""),
    "upload": ("multipart/form-data", "<input name='metadata' value='{}'>"),
}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Yield a browser that takes each of the names for this machine."""
    executable = chromium()
    if executable is None:
        pytest.skip("needs chromium on PATH (apt-get install chromium)")
    async with open_browser(executable, names=(OURS, REBOUND, ELSEWHERE)) as browser:
        yield browser


async def page_at(browser: Browser, url: str, *, html: str = "<title>A page</title>") -> Page:
    """Return a page from this address, as if the server of that name had answered there."""
    page = await browser.new_page()

    async def answer(route: Route) -> None:
        await route.fulfill(body=html, content_type="text/html")

    await page.route(url, answer)
    await page.goto(url)
    await page.unroute(url)  # with a route, Playwright answers preflights itself, and allows everything
    return page


async def outcomes(page: Page, http: httpx2.AsyncClient, host: str, finetuning: Finetuning) -> list[object]:
    """Let the page read, delete and cancel, by each way there is, and return how it went."""
    address = f"{host}:{http.base_url.port}"
    variables = {"id": str(finetuning.id)}
    requests = [
        ("/graphql", {"query": READ}),
        (f"/api/v1/finetunings/{finetuning.id}/cancel", {}),
        ("/graphql", {"query": CANCEL, "variables": variables}),
        ("/graphql", {"query": DELETE, "variables": variables}),
    ]
    found = [
        await page.evaluate(FETCH, [f"http://{address}{path}", json.dumps(body)]) for path, body in requests
    ]
    subscribe = {"query": CANCEL, "variables": variables}
    return [*found, await page.evaluate(CONNECT, [f"ws://{address}/graphql", subscribe])]


async def test_a_page_whose_name_points_to_this_server_gets_nothing(world: World, browser: Browser) -> None:
    """To the browser it is the server's own page: no preflight, and an Origin that fits Host."""
    finetuning = await world.create()
    async with client_of(world, allowed_hosts=ALLOWED) as http:
        with capture_logs() as logs:  # one line for a while: maybe at the request for an icon
            page = await page_at(browser, f"http://{REBOUND}:{http.base_url.port}/page")
            assert await outcomes(page, http, REBOUND, finetuning) == [421, 421, 421, 421, "refused"]
        shown = await page.goto(f"http://{REBOUND}:{http.base_url.port}/graphql")
        assert shown is not None
        assert shown.status == 421
    assert {line["host"] for line in logs} == {REBOUND}
    assert await world.read(finetuning) == finetuning


async def test_a_page_of_another_site_gets_nothing(world: World, browser: Browser) -> None:
    """Its requests end with the preflight, and its WebSocket with the handshake."""
    finetuning = await world.create()
    async with client_of(world, allowed_hosts=ALLOWED) as http:
        page = await page_at(browser, f"http://{ELSEWHERE}/page")
        with capture_logs() as logs:
            assert await outcomes(page, http, OURS, finetuning) == [*["failed"] * 4, "refused"]
    assert [(line["origin"], line["host"].split(":")[0]) for line in logs] == [(f"http://{ELSEWHERE}", OURS)]
    assert await world.read(finetuning) == finetuning


@pytest.mark.parametrize(("origins", "status"), [((), 403), (("*",), 415)])
@pytest.mark.parametrize("referrer", ["unsafe-url", "no-referrer"])
@pytest.mark.parametrize("form", FORMS)
async def test_a_form_of_another_site_cancels_nothing(
    world: World, browser: Browser, origins: tuple[str, ...], status: int, referrer: str, form: str
) -> None:
    """By its origin, also a hidden one; and where every site is admitted, a form is no JSON."""
    finetuning = await world.create()
    enctype, fields = FORMS[form]
    async with client_of(world, allowed_hosts=ALLOWED, cors_origins=origins) as http:
        action = f"http://{OURS}:{http.base_url.port}/api/v1/finetunings/{finetuning.id}/cancel"
        html = FORM.format(referrer=referrer, action=action, enctype=enctype, fields=fields)
        page = await page_at(browser, f"http://{ELSEWHERE}/page", html=html)
        async with page.expect_event("response", lambda answer: answer.url == action) as answering:
            await page.evaluate("document.forms[0].submit()")
        answer = await answering.value
        assert "sec-fetch-site" not in await answer.request.all_headers()
        assert answer.status == status
    assert await world.read(finetuning) == finetuning


async def test_the_servers_own_page_may_do_all_of_it(world: World, browser: Browser) -> None:
    """The same steps, under the server's own name."""
    finetuning = await world.create()
    async with client_of(world, allowed_hosts=ALLOWED) as http:
        page = await page_at(browser, f"http://{OURS}:{http.base_url.port}/page")
        assert await outcomes(page, http, OURS, finetuning) == [200, 200, 200, 200, "next"]
