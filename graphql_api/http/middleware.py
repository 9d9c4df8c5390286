"""Middleware: request ids, CORS, compression and the body limit."""

import re
from collections.abc import Callable, Sequence
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.http.accept import decodes

HEADER = "X-Request-Id"
_ANSWERS = {"http.response.start", "websocket.accept", "websocket.http.response.start"}
LEAST_COMPRESSED_BYTES = 1_400
"""A smaller answer fits into one packet: compression makes it no faster."""
COMPRESSION_LEVEL = 5
"""Twice as fast as the highest, for a few percent more bytes."""
PREFLIGHT_S = 7_200
"""How long a browser may cache a preflight's answer; no browser allows more than some hours."""
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def _new_request_id() -> str:
    return uuid4().hex


def request_id_of(scope: Scope) -> str:
    """Return this request's id, as in the log."""
    request_id: str = scope["state"]["request_id"]
    return request_id


class RequestId:
    """Gives every request and WebSocket an id and returns it in a header; a sane id of the client is kept."""

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], str] = _new_request_id) -> None:
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


class BodyLimit:
    """Refuses bodies above ``largest_bytes``, with or without a Content-Length."""

    def __init__(self, app: ASGIApp, *, largest_bytes: int) -> None:
        self._app = app
        self._largest_bytes = largest_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen_bytes = 0

        async def receive_limited() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > self._largest_bytes:
                raise HTTPException(413, f"The body must have at most {self._largest_bytes} bytes.")
            return message

        await self._app(scope, receive_limited, send)


class Compression(GZipMiddleware):
    """Compresses for clients accepting gzip; Starlette ignores a refusal by ``gzip;q=0``."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if not decodes(Headers(scope=scope).get("accept-encoding", ""), "gzip"):
            others = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": others}
        await super().__call__(scope, receive, send)


def outer_middleware(*, largest_body_bytes: int, cors_origins: Sequence[str]) -> list[Middleware]:
    """Return the middleware around every request, outermost first; pages of ``cors_origins`` may use it."""
    pages = Middleware(
        CORSMiddleware,
        allow_origins=cors_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=[HEADER, "Retry-After"],
        max_age=PREFLIGHT_S,
    )
    return [
        Middleware(RequestId),
        *([pages] if cors_origins else []),
        Middleware(Compression, minimum_size=LEAST_COMPRESSED_BYTES, compresslevel=COMPRESSION_LEVEL),
        Middleware(BodyLimit, largest_bytes=largest_body_bytes),
    ]
