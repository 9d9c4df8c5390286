"""Addresses of servers: URLs, origins, hosts and networks."""

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  addresses to connect to, not to listen on
PORT_OF_SCHEME = {"http": 80, "https": 443}
"""The default ports, left out of URLs and origins."""
LARGEST_PORT = 65_535


class HostSet:
    """The hosts named by a list of names, addresses and networks; the case of letters does not matter."""

    def __init__(self, hosts: Iterable[str]) -> None:
        listed = [host.lower() for host in hosts]
        self._names = frozenset(listed)
        self._networks = [ip_network(host, strict=False) for host in listed if is_network(host)]

    def __contains__(self, host: str) -> bool:
        if host.lower() in self._names:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def url_of(host: str, port: int) -> str:
    """Return this machine's URL of a listener; an address for all interfaces becomes loopback."""
    reached = LOOPBACK_OF.get(host, host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def is_origin(text: str) -> bool:
    """Return whether a browser could send this as a page's origin; a host has no wildcards."""
    if not re.fullmatch(r"https?://([a-z\d_.-]+|\[[\da-f:]+\])(:[1-9]\d*)?", text, re.ASCII):
        return False
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        shortest = str(IPv6Address(host)) if ":" in host else host
    except ValueError:
        return False
    return host == shortest and port != PORT_OF_SCHEME[parts.scheme]


def is_host(text: str) -> bool:
    """Return whether the text can name hosts: a name, an address or a network, without a port."""
    return is_network(text) or re.fullmatch(r"[\w.-]+", text, re.ASCII) is not None


def is_network(host: str) -> bool:
    """Return whether the text is an address or a network of addresses."""
    try:
        ip_network(host, strict=False)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def network_of(address: str | None) -> str:
    """Return the client behind an address: one IPv4 address, or a /64, the least that an IPv6 client has.

    What is no address stays as it is, and no address at all is empty.
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed) >> 64 << 64, 64)))
