"""``/``: the server's front, for browsers and programs."""

import re
from urllib.parse import urljoin

import httpx2
from starlette.applications import Starlette
from starlette.routing import Route

from graphql_api import __version__
from graphql_api.http.console import Console
from graphql_api.http.front import front_endpoint

BROWSER = "text/html,*/*;q=0.8"

FRONT = {"name": "Finetuning GraphQL API", "version": __version__}
PATHS = {"graphql": "/graphql", "schema": "/schema.graphql", "health": "/readyz", "metrics": "/metrics"}


def client_of(*hidden: str) -> httpx2.AsyncClient:
    """Return a client of the front alone, without these parts."""
    app = Starlette(routes=[Route("/", front_endpoint(hidden=hidden))])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app")


async def test_a_program_is_told_where_things_are(quick_http: httpx2.AsyncClient) -> None:
    """In JSON, and every path of it is there."""
    response = await quick_http.get("/")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == FRONT | PATHS | ({"console": "/console"} if Console().is_built else {})
    statuses = {path: (await quick_http.get(path)).status_code for path in PATHS.values()}
    assert statuses == {"/graphql": 400, "/schema.graphql": 200, "/readyz": 200, "/metrics": 200}


async def test_a_browser_gets_to_the_console() -> None:
    """Under any prefix; other clients get the addresses."""
    async with client_of() as http:
        response = await http.get("/", headers={"accept": BROWSER})
        program = await http.get("/", headers={"accept": "*/*"})
    assert response.status_code == 307
    assert urljoin("http://proxy/ft/", response.headers["location"]) == "http://proxy/ft/console"
    assert "Accept" in response.headers["vary"]
    assert program.json() == {**FRONT, "console": "/console", **PATHS}


async def test_without_a_console_a_browser_gets_links() -> None:
    """To the same places, under any prefix, on a page without scripts or files to load."""
    async with client_of("console") as http:
        response = await http.get("/", headers={"accept": BROWSER})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("default-src 'none';")
    links = re.findall(r'href="([^"]+)"', response.text)
    assert [urljoin("http://proxy/ft/", link) for link in links] == [
        f"http://proxy/ft{path}" for path in PATHS.values()
    ]
    assert "Accept" in response.headers["vary"]
