"""Which site's page a browser sends a request for, and whether that page may."""

from collections.abc import Collection
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.responses import Response

from graphql_api.address import PORT_OF_SCHEME
from graphql_api.http.problems import problem

log = structlog.get_logger(__name__)


def is_foreign(headers: Headers, *, named: Collection[str]) -> bool:
    """Return whether a page of another site sends this, and its site is not among those ``named``.

    It is asked about all that a browser sends for any page without a preflight and that changes something
    or is read: a cancel over REST, which needs no body, and a WebSocket. ``POST /graphql`` is safe without
    it: it reads a body of ``application/json`` alone, and a browser asks before it sends one for another
    site's page. The answer to that preflight names no site that is not ``named``. ``GET /graphql`` changes
    nothing, and the browser keeps its answer from the page.

    A browser says what it knows: ``Sec-Fetch-Site`` over HTTPS and to loopback, else ``Origin`` alone,
    which is then held to ``Host``. What sends neither is no page of a browser.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if "*" in named or origin in named:
        return False
    if site != "none":
        return site != "same-origin"
    return origin is not None and not _is_at(origin, headers.get("host", ""))


def forbidden(headers: Headers) -> Response:
    """Return the refusal of a foreign page, and tell the operator what would let it in."""
    log.warning(
        "a page of another site was refused; name the site in CORS_ORIGINS or, "
        "if the page is this server's own, let the proxy keep Host",
        origin=headers.get("origin"),
        host=headers.get("host"),
    )
    return problem(403, code="FORBIDDEN", detail="Pages of this site may not use this server.")


def _is_at(origin: str, host: str) -> bool:
    """Return whether the origin is this host; its scheme may be that of a proxy, and ``null`` is nowhere."""
    try:
        page, server = urlsplit(origin), urlsplit(f"//{host}")
        own_port = PORT_OF_SCHEME.get(page.scheme)
        ports = page.port or own_port, server.port or own_port
    except ValueError:
        return False
    return page.hostname is not None and page.hostname == server.hostname and ports[0] == ports[1]
