"""``/``: the server's front, for browsers and programs."""

import re
from urllib.parse import urljoin

import httpx2

from graphql_api import __version__

PATHS = {"graphql": "/graphql", "schema": "/schema.graphql", "health": "/readyz", "metrics": "/metrics"}


async def test_a_program_is_told_where_things_are(quick_http: httpx2.AsyncClient) -> None:
    """In JSON, and every path of it is there."""
    response = await quick_http.get("/")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == {"name": "Finetuning GraphQL API", "version": __version__, **PATHS}
    statuses = {path: (await quick_http.get(path)).status_code for path in PATHS.values()}
    assert statuses == {"/graphql": 400, "/schema.graphql": 200, "/readyz": 200, "/metrics": 200}


async def test_a_browser_gets_links(quick_http: httpx2.AsyncClient) -> None:
    """To the same places, under any prefix, on a page without scripts or files to load."""
    response = await quick_http.get("/", headers={"accept": "text/html,*/*;q=0.8"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("default-src 'none';")
    links = re.findall(r'href="([^"]+)"', response.text)
    assert [urljoin("http://proxy/ft/", link) for link in links] == [
        f"http://proxy/ft{path}" for path in PATHS.values()
    ]
    assert "Accept" in response.headers["vary"]
