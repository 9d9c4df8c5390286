"""Refuses the browser requests of other sites' pages."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response

from graphql_api.address import PORT_OF_SCHEME
from graphql_api.http.problems import problem
from graphql_api.throttle import ThrottledLog

log = ThrottledLog(__name__)


def is_foreign(headers: Headers, *, named: Collection[str]) -> bool:
    """Return whether the request comes from a page of another site, and ``named`` does not list that site.

    A WebSocket needs this check, because a browser opens it for any page without a preflight. The cancel
    over REST is checked, too, although it takes only ``application/json``, as ``POST /graphql`` does. For
    that a browser sends a preflight first, and the answer to it allows only ``named`` sites.
    ``GET /graphql`` changes nothing, and the browser hides its answer from the page.

    A browser sends ``Sec-Fetch-Site`` over HTTPS and to loopback, else only ``Origin``, to be compared with
    ``Host``. A request without these headers comes from no page in a browser.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if "*" in named or origin in named:
        return False
    if site != "none":
        return site != "same-origin"
    return origin is not None and not _is_at(origin, headers.get("host", ""))


def forbidden(headers: Headers) -> Response:
    """Return the refusal of a foreign page; the log tells the operator how to admit it."""
    log.warning(
        "a page of another site was refused; name the site in CORS_ORIGINS or, "
        "if the page is this server's own, let the proxy keep Host",
        origin=headers.get("origin"),
        host=headers.get("host"),
    )
    return problem(403, code="FORBIDDEN", detail="Pages of this site may not use this server.")


def _is_at(origin: str, host: str) -> bool:
    """Return whether the origin is this host; a proxy may set its scheme, and ``null`` matches no host."""
    try:
        page, server = urlsplit(origin), urlsplit(f"//{host}")
        own_port = PORT_OF_SCHEME.get(page.scheme)
        ports = page.port or own_port, server.port or own_port
    except ValueError:
        return False
    return page.hostname is not None and page.hostname == server.hostname and ports[0] == ports[1]
