"""The access log: one line for each request, at its end."""

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.caller import Caller
from graphql_api.http.authentication import address_of

log = structlog.get_logger(__name__)

LONGEST_PATH = 200
"""The most characters of a path in a line. A query string is never in one: it can have a document."""
_SWITCHING_PROTOCOLS = 101


class AccessLog:
    """Logs the method, the path, the status, the time and the client of each request.

    A WebSocket is one request, and ends with its connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), None

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "websocket.accept":
                status = _SWITCHING_PROTOCOLS
            elif message["type"].endswith("http.response.start"):
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            caller: Caller | None = scope["state"].get("caller")
            log.info(
                "request",
                method=scope.get("method", "GET"),
                path=scope["path"][:LONGEST_PATH],
                status=status,
                duration_ms=round((perf_counter() - began) * 1000, 1),
                address=address_of(scope),
                subject=caller and caller.subject,
            )
