"""Every answer tells browsers and caches to keep it to themselves."""

import httpx2
import pytest

from graphql_api.access.endings import Endings
from graphql_api.access.gate import Gate
from graphql_api.access.keys import ApiKeys
from graphql_api.composition.server import serving
from tests.http.conftest import SETTINGS, client_of, quick_client_of, resources_of
from tests.http.test_hosts import HANDSHAKE, raw
from tests.world import World

CANCEL = "/api/v1/finetunings/65f0c0ffee65f0c0ffee65f0/cancel"
STRICT = "default-src 'none'; frame-ancestors 'none'"
QUERY = {"json": {"query": "{ __typename }"}}
STREAM = {**QUERY, "headers": {"accept": "text/event-stream"}}
BROKEN = {"content": b"{", "headers": {"content-type": "application/json"}}
STRANGE = {"headers": {"host": "evil.example"}}
SITE = "https://app.example.com"
PREFLIGHT = {"headers": {"origin": SITE, "access-control-request-method": "POST"}}

ANSWERS = [
    ("POST", "/graphql", QUERY, 200),
    ("POST", "/graphql", STREAM, 200),
    ("POST", "/graphql", BROKEN, 400),
    ("PUT", "/graphql", {}, 405),
    ("OPTIONS", "/graphql", {}, 204),
    ("OPTIONS", "/graphql", PREFLIGHT, 200),
    ("POST", CANCEL, {"json": {}}, 404),
    ("POST", CANCEL, {"json": {}, "headers": {"origin": "https://evil.example"}}, 403),
    ("POST", CANCEL, {}, 415),
    ("GET", CANCEL, {}, 405),
    ("GET", "/metrics", {}, 200),
    ("GET", "/readyz", {}, 200),
    ("GET", "/livez", {}, 200),
    ("GET", "/", {}, 200),
    ("GET", "/schema.graphql", {}, 200),
    ("GET", "/nothing", {}, 404),
    ("GET", "/graphiql/nothing.js", {}, 404),
    ("GET", "/metrics", STRANGE, 421),
    ("GET", "/metrics", {"headers": {"host": "["}}, 400),
]


def checked(answer: httpx2.Response) -> tuple[str | None, str | None]:
    """Return the policy and the caching of an answer that has what every answer has."""
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers
    return answer.headers.get("content-security-policy"), answer.headers.get("cache-control")


@pytest.mark.parametrize(("method", "path", "given", "status"), ANSWERS)
async def test_no_answer_is_kept_sniffed_or_framed(
    world: World, method: str, path: str, given: dict[str, object], status: int
) -> None:
    """Data and errors alike."""
    async with quick_client_of(world, cors_origins=(SITE,)) as http:
        answer = await http.request(method, path, **given)  # type: ignore[arg-type] # a table's columns
    policy, caching = checked(answer)
    assert (answer.status_code, policy, caching and caching.split(",")[0]) == (status, STRICT, "no-store")


async def test_a_missing_credential_is_answered_alike(world: World) -> None:
    """Nobody knows who reads that answer."""
    gate = Gate(sources=(ApiKeys(pepper=b"pepper" * 8, endings=Endings()),))
    async with serving(SETTINGS, resources_of(world, gate=gate)) as url, httpx2.AsyncClient() as http:
        for path in ("/graphql", "/metrics"):
            answer = await http.post(f"{url}{path}", json={"query": "{ __typename }"})
            assert answer.status_code == 401
            assert checked(answer) == (STRICT, "no-store")


async def test_pages_keep_their_own_policy(quick_http: httpx2.AsyncClient) -> None:
    """They load what belongs to them, and no more."""
    for path, source in (("/", "style-src '"), ("/graphql", "connect-src 'self'")):
        answer = await quick_http.get(path, headers={"accept": "text/html"}, follow_redirects=True)
        policy, _ = checked(answer)
        assert policy is not None
        assert source in policy


async def test_a_refused_websocket_is_answered_alike(world: World) -> None:
    """For another site, another path and another name."""
    async with client_of(world) as http:
        for path, lines, status in (
            ("/graphql", ["Host: localhost", "Origin: https://evil.example"], 403),
            ("/nothing", ["Host: localhost"], 404),
            ("/graphql", ["Host: evil.example"], 421),
        ):
            answer = await raw(http, path, *lines, *HANDSHAKE)
            assert answer.status == status
            for line in ("cache-control: no-store", "referrer-policy: no-referrer", "nosniff", STRICT):
                assert line in answer.head
