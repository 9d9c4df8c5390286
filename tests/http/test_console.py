"""The server's answers at ``/console``; the page may have been built or not."""

import gzip
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from hatchling.builders.wheel import WheelBuilder
from starlette.applications import Starlette
from structlog.testing import capture_logs

from graphql_api.http.console import ASSETS, CSP, Console, warn_unless_built

HTML = '<base href="assets/" /><script src="./index-aB_3-56x.js"></script>'
WARNING = "The console was not built: browsers get a list of links instead"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return a directory as a build leaves it."""
    (tmp_path / "index.html").write_text(HTML)
    (tmp_path / "index-aB_3-56x.js.gz").write_bytes(gzip.compress(b"console.log(1)"))
    return tmp_path


def client_of(directory: Path) -> httpx2.AsyncClient:
    """Return a client of the console alone."""
    app = Starlette(routes=Console(directory).routes)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app")


@pytest.mark.parametrize(
    "path",
    ["/console", "/console/", "/console/new", "/console/finetunings/1", "/console/a/b/", "/console/a%2Fb"],
)
async def test_every_state_finds_the_files(built: Path, path: str) -> None:
    """Under any prefix of a proxy, and whatever is encoded in the address."""
    client = client_of(built)
    page = await client.get(path)
    assert (page.status_code, page.headers["content-security-policy"]) == (200, CSP)
    base = page.text.split('"')[1]
    script = urljoin(urljoin(f"http://proxy/ft{path}", base), "index-aB_3-56x.js")
    assert script == "http://proxy/ft/console/assets/index-aB_3-56x.js"
    assert (await client.get("/console/assets/index-aB_3-56x.js")).text == "console.log(1)"


async def test_a_state_of_that_name_is_no_prefix(built: Path) -> None:
    """Only the first one is."""
    page = await client_of(built).get("/console/console/console")
    assert 'href="../assets/"' in page.text


async def test_nothing_in_an_address_gets_into_the_page(built: Path) -> None:
    """It is the same at each depth."""
    page = await client_of(built).get('/console/"><script>/1?"><script>')
    assert page.text == HTML.replace("assets/", "../assets/")


async def test_the_policy_admits_no_inline_code_and_no_other_host() -> None:
    """Neither scripts nor styles."""
    directives = dict(directive.split(" ", 1) for directive in CSP.split("; "))
    assert directives.pop("default-src") == "'none'"
    assert directives.pop("img-src") == "'self' data:"
    assert directives.pop("form-action") == directives.pop("frame-ancestors") == "'none'"
    assert set(directives.values()) == {"'self'"}


async def test_without_a_page_one_line_says_so(tmp_path: Path) -> None:
    """In the log and at its address."""
    with capture_logs() as logs:
        warn_unless_built(tmp_path / "absent")
    assert [(line["log_level"], line["event"]) for line in logs] == [("warning", WARNING)]
    answer = await client_of(tmp_path / "absent").get("/console")
    said = "The console was not built, that needs Node.js 20.19, 22.12 or newer and npm."
    assert (answer.status_code, answer.text) == (404, said)


async def test_with_a_page_nothing_is_missing(built: Path) -> None:
    """So nothing is logged."""
    with capture_logs() as logs:
        warn_unless_built(built)
    assert logs == []


def test_the_page_is_part_of_the_package(built_console_page: Path) -> None:
    """Git ignores the build, the wheel must not."""
    root = Path(__file__).parents[2]
    included = {Path(file.path) for file in WheelBuilder(str(root)).recurse_included_files()}
    assert built_console_page in included
    assert {file for file in ASSETS.iterdir() if file not in included} == set()


def test_the_licenses_of_what_is_inside_go_with_it(built_console_page: Path) -> None:
    """As the build collects them."""
    licenses = gzip.decompress((built_console_page.parent / "licenses.md.gz").read_bytes()).decode()
    assert {f"## {name} - " in licenses for name in ("react", "uplot", "urql", "wouter")} == {True}
