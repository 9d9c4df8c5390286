"""Gives every request an id, for the log and the client."""

import re
from collections.abc import Callable
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
_ANSWERS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def new_request_id() -> str:
    """Return a new id."""
    return uuid4().hex


def request_id_of(scope: Scope) -> str:
    """Return this request's id, as in the log."""
    request_id: str = scope["state"]["request_id"]
    return request_id


class RequestId:
    """Gives every request and WebSocket an id and returns it in a header; a sane id of the client is kept."""

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], str] = new_request_id) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or connection."""
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _ACCEPTABLE.fullmatch(given) else self._new_id()
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] in _ANSWERS:
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._app(scope, receive, send_with_id)
