"""The headers of proxies: believed from the proxies that are named, and from nobody else."""

from dataclasses import dataclass, field, replace

import httpx2
import pytest

from graphql_api.access.gate import Gate
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.composition.server import serving
from tests.http.conftest import SETTINGS, resources_of
from tests.world import World

HSTS = "max-age=31536000"
CLIENT = "203.0.113.9"
PROXIED = {
    "authorization": "Bearer any",
    "forwarded": f"for={CLIENT};proto=https",
    "x-forwarded-for": CLIENT,
    "x-forwarded-proto": "https",
}


@dataclass(frozen=True, slots=True)
class Noting:
    """A kind of credential that takes every token, and notes from where it came."""

    addresses: list[str | None] = field(default_factory=list)

    def reads(self, token: str) -> bool:
        """Return true."""
        return bool(token)

    def recalls(self, token: str) -> bool:
        """Return true."""
        return self.reads(token)

    async def caller(self, token: str, *, address: str | None) -> Caller:
        """Note the address."""
        self.addresses.append(address)
        return replace(ANONYMOUS, address=address)


async def seen(
    world: World, *, peer: str, headers: dict[str, str], **settings: object
) -> tuple[str | None, str | None]:
    """Return the address that the server takes for the client's, and its HSTS."""
    noting = Noting()
    resources = resources_of(world, gate=Gate(sources=(noting,)))
    transport = httpx2.AsyncHTTPTransport(local_address=peer)
    async with (
        serving(SETTINGS.model_copy(update=settings), resources) as url,
        httpx2.AsyncClient(transport=transport) as http,
    ):
        answer = await http.get(f"{url}/metrics", headers=headers)
    assert answer.status_code == 200
    return noting.addresses[0], answer.headers.get("strict-transport-security")


async def test_a_proxy_on_this_machine_names_the_client_and_its_scheme(world: World) -> None:
    """That is the default; behind TLS, browsers are told to stay with it for a year."""
    assert await seen(world, peer="127.0.0.1", headers=PROXIED) == (CLIENT, HSTS)


@pytest.mark.parametrize(
    ("peer", "settings"),
    [
        ("127.0.0.2", {}),
        ("127.0.0.2", {"forwarded_allow_ips": ("127.0.0.1", "10.0.0.0/8")}),
        ("127.0.0.1", {"forwarded_allow_ips": ("10.0.0.0/8",)}),
        ("127.0.0.1", {"forwarded_allow_ips": ()}),
    ],
)
async def test_a_strangers_headers_change_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, peer: str, settings: dict[str, object]
) -> None:
    """Neither its address nor its scheme, whatever uvicorn reads in the environment for itself."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert await seen(world, peer=peer, headers=PROXIED, **settings) == (peer, None)


async def test_a_network_of_proxies_can_be_named(world: World) -> None:
    """And of a chain of addresses, the last one that is no proxy's is the client's."""
    chain = {**PROXIED, "x-forwarded-for": f"198.51.100.1, {CLIENT}, 127.9.9.9"}
    told = await seen(world, peer="127.0.0.2", headers=chain, forwarded_allow_ips=("127.0.0.0/8",))
    assert told == (CLIENT, HSTS)


async def test_no_header_of_a_proxy_changes_the_host(world: World) -> None:
    """Only Host names the server."""
    headers = {**PROXIED, "x-forwarded-host": "evil.example", "x-forwarded-server": "evil.example"}
    assert await seen(world, peer="127.0.0.1", headers=headers) == (CLIENT, HSTS)
