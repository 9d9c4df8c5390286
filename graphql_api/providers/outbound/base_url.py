"""The check of a base URL when a tenant sets it."""

import httpx2

from graphql_api.address import LARGEST_PORT
from graphql_api.errors import UnsafeBaseUrlError
from graphql_api.providers.outbound.guard import OutboundGuard, RefusedHostError

_NEVER = frozenset("@?#\\")
"""A user would replace the key, a query would swallow the paths, and parsers differ about a backslash."""


def checked_base_url(text: str, *, guard: OutboundGuard) -> str:
    """Return the URL in its one spelling, as the HTTP client reads it; raises ``UnsafeBaseUrlError``.

    Nothing is looked up: where a name leads is checked at each connection.
    """
    url = _parsed(text.strip())
    try:
        guard.check(scheme=url.scheme, host=url.raw_host.decode())
    except RefusedHostError as refused:
        raise UnsafeBaseUrlError(str(refused)) from None
    return str(url)


def _parsed(text: str) -> httpx2.URL:
    if not _NEVER.isdisjoint(text):
        raise UnsafeBaseUrlError("it has one of the characters @ ? # \\")
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        raise UnsafeBaseUrlError("it is not a URL") from None
    if not url.host:
        raise UnsafeBaseUrlError("it has no host")
    if url.port is not None and not 1 <= url.port <= LARGEST_PORT:
        raise UnsafeBaseUrlError(f"its port is not between 1 and {LARGEST_PORT}")
    return url
