"""A page's files as a build leaves them."""

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graphql_api.http.page_files import PageFiles, answer_page

POLICY = "default-src 'none'"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return a directory with a page, a script and what is no part of it."""
    (tmp_path / "index.html").write_text("<title>Built</title>")
    (tmp_path / "index-aB_3-56x.js.gz").write_bytes(gzip.compress(b"console.log(1)"))
    (tmp_path / "key.pem").write_text("secret")
    return tmp_path


def client_of(directory: Path) -> httpx2.AsyncClient:
    """Return a client of the page and its files."""
    files = PageFiles(directory, policy=POLICY)

    def page(request: Request) -> Response:
        return answer_page(files.page, request, policy=POLICY, vary="accept")

    app = Starlette(routes=[Route("/", page), Route("/{name}", files.asset)])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app")


async def test_a_directory_that_is_not_there_has_no_page(tmp_path: Path) -> None:
    """So is one without the page itself."""
    assert not PageFiles(tmp_path / "absent", policy=POLICY).has_page
    assert not PageFiles(tmp_path, policy=POLICY).has_page


async def test_a_script_is_under_the_policy(built: Path) -> None:
    """It is kept for good: its name has a digest."""
    response = await client_of(built).get("/index-aB_3-56x.js")
    assert (response.status_code, response.text) == (200, "console.log(1)")
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["cache-control"] == "max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["key.pem", "index.html", "index-aB_3-56x.js.gz"])
async def test_only_what_a_page_loads_is_a_file(built: Path, name: str) -> None:
    """By its kind."""
    assert (await client_of(built).get(f"/{name}")).status_code == 404


async def test_a_file_that_a_new_build_has_removed_is_not_there(built: Path) -> None:
    """The server has to begin again, as with new code."""
    client = client_of(built)
    (built / "index-aB_3-56x.js.gz").unlink()
    response = await client.get("/index-aB_3-56x.js")
    assert (response.status_code, response.text) == (404, "The page was built anew: restart the server.")


async def test_a_page_is_sent_once(built: Path) -> None:
    """A browser asks for it each time, and gets it when it has changed."""
    client = client_of(built)
    first = await client.get("/")
    again = await client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert (first.text, first.headers["cache-control"]) == ("<title>Built</title>", "no-cache")
    assert (again.status_code, again.content) == (304, b"")
