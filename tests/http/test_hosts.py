"""The name under which a request arrives: a page can let its own name point to this server."""

import asyncio
import json
from dataclasses import dataclass

import httpx2
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from graphql_api.composition.settings import Settings
from graphql_api.http.hosts import LOOPBACK
from tests.http.conftest import client_of, quick_client_of, tell_again
from tests.http.graphql.websocket_client import connected_to
from tests.world import World

ALLOWED = ("api.example.com", "10.1.0.0/16", "2001:db8::7")
WELCOME = ["api.example.com", "API.Example.com:8443", "10.1.255.3", "10.1.0.1:8000", "[2001:db8::7]:80"]
STRANGE = [
    "evil.example",
    "api.example.com.evil.example",
    "www.api.example.com",
    "api.example.com.",
    "localhost",
    "127.0.0.1:8000",
    "10.2.0.1",
    "[2001:db8::8]",
    "167837697",
]
MALFORMED = [
    "",
    "[",
    "api.example.com:",
    "api.example.com:x",
    "me@api.example.com",
    "a b",
    "api.example.com/x",
]
MISDIRECTED = {
    "title": "Misdirected Request",
    "status": 421,
    "detail": "This server does not answer under this name.",
    "code": "MISDIRECTED_REQUEST",
}
NOT_ONE = {
    "title": "Bad Request",
    "status": 400,
    "detail": "The request must have exactly one Host.",
    "code": "BAD_REQUEST",
}
PATHS = [
    "/",
    "/console",
    "/console/assets/x.js",
    "/graphql",
    "/metrics",
    "/schema.graphql",
    "/api/v1/finetunings/x/cancel",
    "/nothing",
]
HANDSHAKE = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: graphql-transport-ws",
]


@dataclass(frozen=True, kw_only=True)
class Raw:
    """An answer as it came over the wire."""

    status: int
    head: str
    body: bytes


async def raw(http: httpx2.AsyncClient, path: str, *lines: str, version: str = "1.1") -> Raw:
    """Send exactly these lines to the server, and return its answer."""
    reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    writer.write("\r\n".join([f"GET {path} HTTP/{version}", *lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    headers = dict(line.lower().split(": ", 1) for line in head.strip().splitlines()[1:])
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    writer.close()
    await writer.wait_closed()
    return Raw(status=int(head.split()[1]), head=head.lower(), body=body)


@pytest.mark.parametrize("path", PATHS)
async def test_another_name_is_refused_before_anything_else(world: World, path: str) -> None:
    """With a problem that repeats nothing of the name, and with a line for the operator."""
    async with quick_client_of(world, allowed_hosts=ALLOWED) as http:
        for host in STRANGE:
            tell_again()
            with capture_logs() as logs:
                answer = await http.post(path, json={}, headers={"host": host, "X-Request-Id": "ours"})
            assert (host, answer.status_code, answer.json()) == (host, 421, MISDIRECTED)
            assert answer.headers["X-Request-Id"] == "ours"
            (line,) = logs
            assert line["event"].endswith("add it to ALLOWED_HOSTS")


@pytest.mark.parametrize("path", PATHS)
async def test_an_allowed_name_is_answered_with_any_port(world: World, path: str) -> None:
    """And in any case of its letters; a network stands for its addresses."""
    async with quick_client_of(world, allowed_hosts=ALLOWED) as http:
        expected = (await http.get(path, headers={"host": ALLOWED[0]})).status_code
        for host in WELCOME:
            answer = await http.get(path, headers={"host": host})
            assert (host, answer.status_code) == (host, expected)
            assert expected != 421


@pytest.mark.parametrize("host", MALFORMED)
async def test_what_is_no_host_is_a_bad_request(world: World, host: str) -> None:
    """Nobody may read one name in it where another reads a second one."""
    async with quick_client_of(world, allowed_hosts=ALLOWED) as http:
        answer = await http.get("/graphql", headers={"host": host})
    assert (answer.status_code, answer.json()) == (400, NOT_ONE)


async def test_no_host_and_two_hosts_are_bad_requests(world: World) -> None:
    """Over the wire, for a request and for a WebSocket, even if both hosts are the same allowed one."""
    async with client_of(world, allowed_hosts=LOOPBACK) as http:
        for hosts in ([], ["Host: localhost", "Host: localhost"], ["Host: localhost", "Host: evil.example"]):
            for upgrade in ([], HANDSHAKE):
                answer = await raw(http, "/graphql", *hosts, *upgrade)
                assert (hosts, answer.status) == (hosts, 400)
                assert json.loads(answer.body) == NOT_ONE
        old = await raw(http, "/metrics", version="1.0")
        assert (old.status, json.loads(old.body)) == (400, NOT_ONE)


async def test_health_checks_are_answered_under_any_name(world: World) -> None:
    """A kubelet sends the pod's address, and some load balancers send no Host."""
    async with client_of(world, allowed_hosts=ALLOWED) as http:
        for path in ("/livez", "/readyz"):
            for hosts in (["Host: 10.9.8.7:8000"], ["Host: ["], []):
                assert (path, hosts, (await raw(http, path, *hosts)).status) == (path, hosts, 200)
            socket = await raw(http, path, "Host: evil.example", *HANDSHAKE)
            assert (socket.status, json.loads(socket.body)) == (421, MISDIRECTED)
        assert (await raw(http, "/livez/", "Host: evil.example")).status == 421


async def test_a_websocket_under_another_name_is_refused(world: World) -> None:
    """Its handshake is answered like a request."""
    async with client_of(world, allowed_hosts=ALLOWED) as http:
        with pytest.raises(InvalidStatus) as refused:
            async with connected_to(f"127.0.0.1:{http.base_url.port}"):
                pass
        response = refused.value.response
        assert (response.status_code, json.loads(response.body or b"")) == (421, MISDIRECTED)
        assert response.headers["cache-control"] == "no-store"
        assert (await raw(http, "/graphql", "Host: api.example.com", *HANDSHAKE)).status == 101


@pytest.mark.parametrize(
    ("listening", "host", "status"),
    [
        ("127.0.0.1", "localhost:8000", 200),
        ("127.0.0.1", "127.8.9.10", 200),
        ("127.0.0.1", "[::1]:8000", 200),
        ("127.0.0.1", "evil.example", 421),
        ("127.0.0.1", "192.0.2.7", 421),
        ("127.0.0.1", "localhost.evil.example", 421),
        ("192.0.2.7", "192.0.2.7:8000", 200),
        ("api.internal", "api.internal", 200),
        ("0.0.0.0", "192.0.2.7", 421),  # noqa: S104  every address, which is not every name
    ],
)
async def test_by_default_the_names_are_loopback_and_host(
    world: World, listening: str, host: str, status: int
) -> None:
    """Those of a server that nobody has configured."""
    assert Settings.model_fields["allowed_hosts"].default == ()
    async with quick_client_of(world, allowed_hosts=(), host=listening) as http:
        assert (await http.get("/schema.graphql", headers={"host": host})).status_code == status


@pytest.mark.parametrize("path", ["/graphql/", "/metrics/", "/livez/", "/graphiql"])
async def test_no_answer_repeats_the_host(world: World, path: str) -> None:
    """A path with one slash too many is not there; a redirect to it would be made of the request's Host."""
    async with quick_client_of(world) as http:
        answer = await http.get(path, headers={"host": "api.example.com"})
    assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert "api.example.com" not in answer.text + str(answer.headers)
