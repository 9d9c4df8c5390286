"""Addresses of servers, as people open them."""

import pytest

from graphql_api.address import HostSet, network_of, url_of


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),  # noqa: S104  nobody listens
        ("::1", "http://[::1]:1"),
        ("::", "http://[::1]:1"),
        ("db.example", "http://db.example:1"),
    ],
)
def test_addresses_can_be_opened(host: str, url: str) -> None:
    """As every command shows them: an IPv6 address in brackets, any address as the machine's own."""
    assert url_of(host, 1) == url


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("a socket", "a socket"),
        (None, ""),
    ],
)
def test_an_ipv6_client_is_its_network(address: str | None, network: str) -> None:
    """It may take any address of the network at will; an IPv4 address is one in either notation."""
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("host", "is_in"),
    [
        ("gateway.corp.example", True),
        ("Gateway.Corp.Example", True),
        ("other.corp.example", False),
        ("a.gateway.corp.example", False),
        ("10.1.2.9", True),
        ("10.1.3.9", False),
        ("fd00:0:0::1", True),
        ("fd00::2", False),
        ("", False),
    ],
)
def test_a_list_of_hosts_has_names_addresses_and_networks(host: str, is_in: bool) -> None:
    """A name stands for itself alone, a network for its addresses, an address for all its spellings."""
    assert (host in HostSet(["GATEWAY.corp.example", "10.1.2.0/24", "fd00::1"])) is is_in
