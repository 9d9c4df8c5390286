"""Which addresses are public."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphql_api.providers.outbound.public_addresses import Address, address_in, is_public

NEIGHBOURS = [
    ("9.255.255.255", "10.0.0.0"),
    ("100.63.255.255", "100.64.0.0"),
    ("100.128.0.0", "100.127.255.255"),
    ("168.63.129.15", "168.63.129.16"),
    ("168.63.129.17", "168.63.129.16"),
    ("172.15.255.255", "172.16.0.0"),
    ("172.32.0.0", "172.31.255.255"),
    ("192.0.1.255", "192.0.2.0"),
    ("192.0.3.0", "192.0.2.255"),
    ("192.88.98.255", "192.88.99.0"),
    ("192.88.100.0", "192.88.99.255"),
    ("198.51.99.255", "198.51.100.0"),
    ("198.51.101.0", "198.51.100.255"),
    ("203.0.112.255", "203.0.113.0"),
    ("203.0.114.0", "203.0.113.255"),
    ("198.17.255.255", "198.18.0.0"),
    ("198.20.0.0", "198.19.255.255"),
    ("223.255.255.255", "224.0.0.0"),
    ("2001:200::", "2001:1ff:ffff::"),
    ("2001:db7:ffff::", "2001:db8::"),
    ("2001:db9::", "2001:db8:ffff::"),
    ("2003::", "2002:808:808::"),
    ("3ffe:ffff::", "3fff::"),
    ("3fff:1000::", "3fff:fff::"),
    ("64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1"),
    ("64:ff9b::8.8.8.8", "64:ff9b::1:8.8.8.8"),
]


@pytest.mark.parametrize(("public", "not_public"), NEIGHBOURS)
def test_a_network_ends_where_the_registry_says(public: str, not_public: str) -> None:
    """The last address inside and the first one outside."""
    assert is_public(ip_address(public))
    assert not is_public(ip_address(not_public))


@given(st.ip_addresses())
@example(IPv6Address("2620:4f:8000::1"))
def test_nothing_is_public_that_python_knows_better(address: Address) -> None:
    """Python's own list, with the reserved and the multicast addresses that it counts as global."""
    if is_public(address) and address not in IPv6Network("64:ff9b::/96"):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.ip_addresses(v=4))
@example(IPv4Network("169.254.0.0/16")[43518])
def test_an_address_behind_nat64_is_as_public_as_itself(address: IPv4Address) -> None:
    """A network with IPv6 alone has no other way to it."""
    behind = IPv6Address(int(IPv6Address("64:ff9b::")) + int(address))
    assert is_public(behind) == is_public(address)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("2606:4700:0::1", "2606:4700::1"),
        ("fe80::1%eth0", None),
        ("api.example.com", None),
        ("127.1", None),
        ("", None),
    ],
)
def test_an_address_has_one_form(host: str, address: str | None) -> None:
    """A mapped address is the one inside; a name and an address with a zone are none."""
    assert address_in(host) == (ip_address(address) if address else None)
