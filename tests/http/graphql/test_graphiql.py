"""The server's answers to a browser.

A page may have been built or not.
"""

import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from hatchling.builders.wheel import WheelBuilder
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from structlog.testing import capture_logs

from graphql_api.access.gate import OPEN
from graphql_api.caller import Caller
from graphql_api.http import problems
from graphql_api.http.authentication import Authentication
from graphql_api.http.graphql.graphiql import ASSETS, CDN_CSP, OWN_CSP, GraphiQL, warn_unless_built
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.http.graphql.view import GraphQLView
from graphql_api.http.request_ids import RequestId
from graphql_api.http.safe_headers import SafeHeaders
from graphql_api.schema import build_schema
from graphql_api.schema.workload import Workload
from graphql_api.turns import LoopTurns

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SCRIPT = b"console.log(1)"
WARNING = "GraphiQL was not built: browsers get a page that loads its scripts from a CDN"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return a directory as a build leaves it."""
    (tmp_path / "index.html").write_text("<title>Built</title>")
    (tmp_path / "index-aB_3-56x.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "licenses.md.gz").write_bytes(gzip.compress(b"# Licenses"))
    return tmp_path


def context_for(request_id: str, caller: Caller) -> SimpleNamespace:
    """Return what a query without a field of ours needs of a context."""
    return SimpleNamespace(request_id=request_id, caller=caller, workload=Workload(), turns=LoopTurns())


def client_of(directory: Path) -> httpx2.AsyncClient:
    """Return a client of an endpoint with its page in this directory."""
    graphiql = GraphiQL(directory)
    subscribers = Subscribers(most=0, keep_alive_s=15)
    view = GraphQLView(
        build_schema(),
        context_for=context_for,
        graphiql=graphiql,
        subscribers=subscribers,
    )
    app = Starlette(
        routes=[Route("/graphql", view), *graphiql.routes],
        middleware=[
            Middleware(RequestId),
            Middleware(SafeHeaders),
            Middleware(Authentication, gate=OPEN, public=[]),
        ],
        exception_handlers={HTTPException: problems.refused},
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app")


async def test_a_browser_gets_the_page(built: Path) -> None:
    """At the endpoint itself; it is asked for again each time, and kept from loading anything foreign."""
    response = await client_of(built).get("/graphql", headers={"accept": BROWSER})
    assert (response.status_code, response.text) == (200, "<title>Built</title>")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == OWN_CSP
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["vary"] == "accept"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_the_policy_names_no_other_host() -> None:
    """Every source is the server itself or part of the page, and all others are refused."""
    directives = dict(directive.split(" ", 1) for directive in OWN_CSP.split("; "))
    assert directives.pop("default-src") == "'none'"
    sources = {source for given in directives.values() for source in given.split()}
    assert sources == {"'self'", "'none'", "'unsafe-inline'", "data:"}
    assert directives["script-src"] == directives["connect-src"] == directives["worker-src"] == "'self'"


async def test_a_page_that_did_not_change_is_not_sent_again(built: Path) -> None:
    """Also when a proxy made the tag a weak one."""
    client = client_of(built)
    first = await client.get("/graphql", headers={"accept": BROWSER})
    tags = f'"other", W/{first.headers["etag"]}'
    again = await client.get("/graphql", headers={"accept": BROWSER, "if-none-match": tags})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    (built / "index.html").write_text("<title>Built anew</title>")
    headers = {"accept": BROWSER, "if-none-match": first.headers["etag"]}
    assert (await client.get("/graphql", headers=headers)).status_code == 304  # it is read once
    anew = await client_of(built).get("/graphql", headers=headers)
    assert (anew.status_code, anew.text) == (200, "<title>Built anew</title>")


async def test_a_query_is_answered_whoever_asks(built: Path) -> None:
    """A link with a query in it is no visit of the page."""
    response = await client_of(built).get(
        "/graphql", params={"query": "{__typename}"}, headers={"accept": BROWSER}
    )
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_what_the_page_loads_is_kept_for_good(built: Path) -> None:
    """A digest in its name tells versions apart; it is stored compressed and sent so to willing clients."""
    client = client_of(built)
    zipped = await client.get("/graphiql/index-aB_3-56x.js", headers={"accept-encoding": "br, gzip"})
    plain = await client.get("/graphiql/index-aB_3-56x.js", headers={"accept-encoding": "gzip;q=0"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    for response in (zipped, plain):
        assert (response.status_code, response.content) == (200, SCRIPT)
        assert response.headers["content-type"] == "text/javascript; charset=utf-8"
        assert response.headers["cache-control"] == "max-age=31536000, immutable"
        assert response.headers["content-security-policy"] == OWN_CSP
        assert response.headers["vary"] == "accept-encoding"


async def test_what_has_no_digest_in_its_name_is_asked_for_again(built: Path) -> None:
    """The licenses, for example."""
    response = await client_of(built).get("/graphiql/licenses.md")
    assert (response.text, response.headers["cache-control"]) == ("# Licenses", "no-cache")


@pytest.mark.parametrize(
    "name", ["index.html", "no.js", "..%2Fsecret.js", "%2Fetc%2Fpasswd", "licenses.md.gz"]
)
async def test_nothing_else_is_served(built: Path, name: str) -> None:
    """The page is at the endpoint only, and the files beside the directory are not served."""
    (built.parent / "secret.js").write_text("secret")
    response = await client_of(built).get(f"/graphiql/{name}")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


async def test_without_a_page_strawberrys_own_is_served(tmp_path: Path) -> None:
    """Its policy lets it load exactly its named files, and the log names the missing page."""
    client = client_of(tmp_path / "absent")
    with capture_logs() as logs:
        warn_unless_built(tmp_path / "absent")
    assert [(line["log_level"], line["event"]) for line in logs] == [("warning", WARNING)]
    response = await client.get("/graphql", headers={"accept": BROWSER})
    assert response.status_code == 200
    assert response.headers["content-security-policy"] == CDN_CSP
    loaded = re.findall(r'(?:src|href)="(https?://[^/"]+)', response.text)
    assert set(loaded) == {"https://unpkg.com"}
    directives = dict(directive.split(" ", 1) for directive in CDN_CSP.split("; "))
    for kind in ("script-src", "style-src"):
        assert directives[kind] == "'unsafe-inline' https://unpkg.com"
    assert (await client.get("/graphiql/licenses.md")).status_code == 404


async def test_with_a_page_nothing_is_missing(built: Path) -> None:
    """So nothing is logged."""
    with capture_logs() as logs:
        warn_unless_built(built)
    assert logs == []


def test_the_page_is_part_of_the_package(built_page: Path) -> None:
    """Git ignores the build, the wheel must not."""
    root = Path(__file__).parents[3]
    included = {Path(file.path) for file in WheelBuilder(str(root)).recurse_included_files()}
    assert built_page in included
    assert {file for file in ASSETS.iterdir() if file not in included} == set()


def test_the_licenses_of_what_is_inside_go_with_it(built_page: Path) -> None:
    """Those of the scripts, as the build collects them, and those of the fonts."""
    licenses = gzip.decompress((built_page.parent / "licenses.md.gz").read_bytes()).decode()
    fonts = gzip.decompress((built_page.parent / "font-licenses.md.gz").read_bytes()).decode()
    assert set(re.findall(r"^## (graphiql|monaco-editor|react) - ", licenses, flags=re.MULTILINE)) == {
        "graphiql",
        "monaco-editor",
        "react",
    }
    assert "SIL OPEN FONT LICENSE" in fonts
