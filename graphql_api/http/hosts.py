"""Refuses requests for a name that is not this server's."""

import re
from collections.abc import Collection, Iterable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_api.address import HostSet
from graphql_api.http.problems import problem
from graphql_api.throttle import ThrottledLog

log = ThrottledLog(__name__)

LOOPBACK = ("localhost", "127.0.0.0/8", "::1")
_WITH_PORT = re.compile(r"(?:\[([\da-fA-F:.]{2,45})\]|([\w.-]{1,253}))(?::\d{1,5})?", re.ASCII)


class AllowedHosts:
    """Refuses requests and WebSockets whose ``Host`` is not one of ``hosts``, with any port.

    A page can let its own name point to this machine (DNS rebinding). Its browser then takes this server for
    the page's own, and only ``Host`` shows the difference. ``hosts`` are names, addresses and networks;
    paths in ``exempt`` are answered under any name.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], exempt: Collection[str]) -> None:
        self._app = app
        self._exempt = exempt
        self._hosts = HostSet(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or connection."""
        refused = None
        if scope["type"] == "websocket" or scope["path"] not in self._exempt:
            refused = self._refusal(Headers(scope=scope).getlist("host"))
        await (refused or self._app)(scope, receive, send)

    def _refusal(self, given: list[str]) -> Response | None:
        found = _WITH_PORT.fullmatch(given[0]) if len(given) == 1 else None
        if found is None:
            return problem(400, code="BAD_REQUEST", detail="The request must have exactly one Host.")
        host = (found[1] or found[2]).lower()
        if host in self._hosts:
            return None
        log.warning(
            "a request for another host was refused; if the name is this server's, add it to ALLOWED_HOSTS",
            host=host,
        )
        detail = "This server does not answer under this name."
        return problem(421, code="MISDIRECTED_REQUEST", detail=detail)
