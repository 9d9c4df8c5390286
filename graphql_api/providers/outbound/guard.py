"""The rules of what a tenant's base URL may reach."""

import re
from collections.abc import Iterable

from graphql_api.address import HostSet
from graphql_api.providers.outbound.public_addresses import Address, address_in, is_public
from graphql_api.providers.outbound.resolver import Resolver, SystemResolver
from graphql_api.throttle import ThrottledLog

log = ThrottledLog(__name__)

NOT_HTTPS = "it does not begin with https://"
NOT_PLAIN = "its host is not written as a plain name or address"
INTERNAL_NAME = "its host has a name of an internal network"
NOT_PUBLIC = "its host is not a public address"
LEADS_INSIDE = "its host leads to an address that is not public"

_NAME = re.compile(r"(?=.{1,253}$)[a-z\d_-]{1,63}(\.[a-z\d_-]{1,63})*", re.ASCII)
_NUMBER = re.compile(r"\d+|0x[\da-f]*", re.ASCII)
"""The last part of an address in an old spelling, such as 0x7f.1; no name of the internet ends like this."""
_INTERNAL = frozenset({"internal", "local", "localhost"})


class RefusedHostError(Exception):
    """A host that the rules refuse; the text is the rule, without any address that the name leads to."""


class OutboundGuard:
    """Lets URLs of tenants lead to public hosts by https, and to ``allowed_hosts`` of the operator.

    These are names, addresses and networks, on any port. An allowed name may lead anywhere, and any name may
    lead into an allowed network. A URL that names one of them itself may do without TLS.
    """

    def __init__(self, *, allowed_hosts: Iterable[str] = (), resolver: Resolver | None = None) -> None:
        self._allowed = HostSet(allowed_hosts)
        self._resolver = resolver or SystemResolver()

    def check(self, *, scheme: str, host: str) -> None:
        """Check the text of a URL, without a look-up; raises ``RefusedHostError``."""
        address = address_in(host)
        is_allowed = (str(address) if address else host) in self._allowed
        if scheme != "https" and not (is_allowed and scheme == "http"):
            raise RefusedHostError(NOT_HTTPS)
        if is_allowed:
            return
        if address is None:
            _check_name(host)
        elif not is_public(address):
            raise RefusedHostError(NOT_PUBLIC)

    async def addresses_of(self, host: str, port: int) -> list[Address]:
        """Return the addresses to connect to; raises ``RefusedHostError`` if one of them is forbidden.

        One is enough: a mixed answer is an attack or a mistake. Raises ``OSError`` for a name without an
        address.
        """
        told = [host] if address_in(host) else await self._resolver(host, port)
        forbidden = [] if host in self._allowed else [one for one in told if not self._may_reach(one)]
        if forbidden:
            log.warning(
                "a base URL leads to an address that is not public; if it may, add it or the host to "
                "PROVIDER_ALLOWED_HOSTS",
                host=host,
                addresses=forbidden,
            )
            raise RefusedHostError(LEADS_INSIDE)
        return [address for address in map(address_in, told) if address]

    def _may_reach(self, told: str) -> bool:
        address = address_in(told)
        return address is not None and (is_public(address) or str(address) in self._allowed)


def _check_name(host: str) -> None:
    *parents, last = host.split(".")
    if not _NAME.fullmatch(host) or _NUMBER.fullmatch(last):
        raise RefusedHostError(NOT_PLAIN)
    if not parents or last in _INTERNAL:
        raise RefusedHostError(INTERNAL_NAME)
