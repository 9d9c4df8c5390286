"""Connections over real sockets: one look-up, and the checked address itself.

``INSIDE`` has what nobody may reach. ``OUTSIDE`` stands for a public address: its network is allowed.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import pytest

from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.outbound.transport import GuardedTransport
from tests.providers.outbound.answers import Answers
from tests.providers.outbound.certificates import Certificate, certificate_for
from tests.providers.raw_server import RawServer, answer

NAME = "api.example.com"
INSIDE, OUTSIDE, CLOSED = "127.0.0.1", "127.0.0.2", "127.0.0.3"
SINK = "192.175.48.1"
"""Public, and made to swallow what is of no use (RFC 7534)."""
LEADS_INSIDE = "its host leads to an address that is not public"
OK = answer(200, {"ok": True})


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """The certificate of ``NAME``."""
    return certificate_for(NAME, tmp_path)


@asynccontextmanager
async def client(
    resolver: Answers, certificate: Certificate, *, allowed: str = OUTSIDE, connect_s: float = 10.0
) -> AsyncIterator[httpx2.AsyncClient]:
    """Open a client behind the guard."""
    guard = OutboundGuard(allowed_hosts=[allowed], resolver=resolver)
    transport = GuardedTransport(guard, verify=certificate.client, limits=httpx2.Limits())
    waits = httpx2.Timeout(30, connect=connect_s)
    async with httpx2.AsyncClient(transport=transport, timeout=waits) as opened:
        yield opened


async def refusal(http: httpx2.AsyncClient, url: str) -> str:
    """Return the text of the failed connection."""
    with pytest.raises(httpx2.ConnectError) as caught:
        await http.get(url)
    return str(caught.value)


async def test_tls_asks_for_the_name_and_checks_its_certificate(certificate: Certificate) -> None:
    """Though the connection is made to the address."""
    async with (
        RawServer(OK, host=OUTSIDE, tls=certificate.server).running() as outside,
        client(Answers([OUTSIDE]), certificate) as http,
    ):
        assert (await http.get(f"https://{NAME}:{outside.port}/v1")).json() == {"ok": True}
    assert certificate.asked == [NAME]
    assert outside.requests[0].headers["host"] == f"{NAME}:{outside.port}"


@pytest.mark.parametrize("other", ["other.example.com", OUTSIDE])
async def test_a_certificate_of_another_host_is_refused(tmp_path: Path, other: str) -> None:
    """Also one of the address itself."""
    certificate = certificate_for(other, tmp_path)
    async with (
        RawServer(OK, host=OUTSIDE, tls=certificate.server).running() as outside,
        client(Answers([OUTSIDE]), certificate) as http,
    ):
        assert "not valid for" in await refusal(http, f"https://{NAME}:{outside.port}/v1")
    assert outside.requests == []


async def test_the_checked_address_is_the_one_used(certificate: Certificate) -> None:
    """The second answer would be another; nobody asks for it, and the third request asks anew."""
    async with (
        RawServer(OK, host=OUTSIDE, tls=certificate.server).running() as outside,
        RawServer(OK, host=INSIDE, port=outside.port, tls=certificate.server).running() as inside,
    ):
        resolver = Answers([OUTSIDE], [INSIDE], [OUTSIDE])
        async with client(resolver, certificate) as http:
            url = f"https://{NAME}:{outside.port}/v1"
            assert (await http.get(url)).status_code == 200
            assert resolver.asked == [NAME]
            assert await refusal(http, url) == LEADS_INSIDE
            assert (await http.get(url)).status_code == 200
    assert (outside.connections, inside.connections) == (2, 0)
    assert resolver.asked == [NAME, NAME, NAME]


async def test_a_name_rebound_after_its_check_reaches_nothing_inside(certificate: Certificate) -> None:
    """First a public address, then loopback: the connection goes to the first one alone."""
    async with RawServer(OK, host=INSIDE).running() as inside:
        resolver = Answers([SINK], [INSIDE])
        async with client(resolver, certificate, connect_s=0.2) as http:
            with pytest.raises(httpx2.TransportError):
                await http.get(f"https://{NAME}:{inside.port}/v1")
            assert resolver.asked == [NAME]
            assert await refusal(http, f"https://{NAME}:{inside.port}/v1") == LEADS_INSIDE
    assert inside.connections == 0


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://api.example.com:{port}", "it does not begin with https://"),
        ("http://127.0.0.1:{port}", "it does not begin with https://"),
        ("https://127.0.0.1:{port}", "its host is not a public address"),
        ("https://[::ffff:127.0.0.1]:{port}", "its host is not a public address"),
        ("https://2130706433:{port}", "its host is not written as a plain name or address"),
        ("https://localhost:{port}", "its host has a name of an internal network"),
    ],
)
async def test_the_rules_for_urls_hold_for_each_request(
    certificate: Certificate, url: str, rule: str
) -> None:
    """The list of allowed hosts may be shorter than it was when the URL was set."""
    async with RawServer(OK, host=INSIDE).running() as inside:
        resolver = Answers([OUTSIDE])
        async with client(resolver, certificate) as http:
            assert await refusal(http, url.format(port=inside.port)) == rule
    assert (inside.connections, resolver.asked) == (0, [])


async def test_addresses_are_tried_in_order(certificate: Certificate) -> None:
    """Up to the first one that answers."""
    async with RawServer(OK, host=OUTSIDE, tls=certificate.server).running() as outside:
        resolver = Answers([CLOSED, OUTSIDE, INSIDE])
        async with client(resolver, certificate, allowed="127.0.0.0/8") as http:
            assert (await http.get(f"https://{NAME}:{outside.port}/v1")).status_code == 200
    assert outside.connections == 1


async def test_an_address_that_is_silent_leaves_time_for_the_next(certificate: Certificate) -> None:
    """Each has a share of the time for the connection."""
    async with RawServer(OK, host=OUTSIDE, tls=certificate.server).running() as outside:
        with silent(CLOSED, outside.port):
            resolver = Answers([CLOSED, OUTSIDE])
            async with client(resolver, certificate, allowed="127.0.0.0/8", connect_s=4.0) as http:
                assert (await http.get(f"https://{NAME}:{outside.port}/v1")).status_code == 200


async def test_no_more_than_four_addresses_are_tried(certificate: Certificate) -> None:
    """A stranger's list may be long; the words about it name none of them."""
    async with RawServer(OK, host=OUTSIDE, tls=certificate.server).running() as outside:
        resolver = Answers([CLOSED, "127.0.0.4", "127.0.0.5", "127.0.0.6", OUTSIDE])
        async with client(resolver, certificate, allowed="127.0.0.0/8") as http:
            assert (
                await refusal(http, f"https://{NAME}:{outside.port}/v1") == "All connection attempts failed"
            )
    assert outside.connections == 0


async def test_a_name_without_an_address_is_told(certificate: Certificate) -> None:
    """It is a failed connection like any other."""
    async with client(Answers([]), certificate) as http:
        assert await refusal(http, f"https://{NAME}/v1") == "its host has no address"


async def test_a_look_up_counts_towards_the_time_for_the_connection(certificate: Certificate) -> None:
    """A name server that is silent ends like a host that is."""

    class Hanging(Answers):
        async def __call__(self, host: str, port: int) -> list[str]:
            await asyncio.Event().wait()
            raise AssertionError

    async with client(Hanging(), certificate, connect_s=0.05) as http:
        with pytest.raises(httpx2.ConnectTimeout):
            await http.get(f"https://{NAME}/v1")


@contextmanager
def silent(host: str, port: int) -> Iterator[None]:
    """Listen with a full queue, so that no further connection comes about."""
    with socket.create_server((host, port), backlog=0) as listener, socket.socket() as first:
        first.connect(listener.getsockname())
        yield
