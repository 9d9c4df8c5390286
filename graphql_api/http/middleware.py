"""Middleware around every request: its id, safe headers, the host, CORS, compression and the body limit."""

from collections.abc import Collection, Sequence

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.address import network_of
from graphql_api.http.accept import decodes
from graphql_api.http.access_log import AccessLog
from graphql_api.http.authentication import address_of
from graphql_api.http.hosts import AllowedHosts
from graphql_api.http.problems import headers_of
from graphql_api.http.request_ids import HEADER, RequestId
from graphql_api.http.safe_headers import SafeHeaders
from graphql_api.http.wire.budget import Budget

LEAST_COMPRESSED_BYTES = 1_400
"""A smaller answer fits into one packet: compression makes it no faster."""
COMPRESSION_LEVEL = 5
"""Twice as fast as the highest, for a few percent more bytes."""
UNDER_ANY_NAME = ("/livez", "/readyz")
"""Orchestrators and load balancers ask these by a pod's address, or without a Host."""
PREFLIGHT_S = 7_200
"""How long a browser may cache a preflight's answer; no browser allows more than some hours."""


class BodyLimit:
    """Refuses bodies above ``largest_bytes``, with or without a Content-Length.

    ``budget`` bounds the bodies of all requests under way: a body stays in memory until its answer. The
    client behind a trusted proxy is the one that the proxy names.
    """

    def __init__(self, app: ASGIApp, *, largest_bytes: int, budget: Budget) -> None:
        self._app = app
        self._largest_bytes = largest_bytes
        self._budget = budget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen_bytes, share = 0, self._budget.share(client=network_of(address_of(scope)))

        async def receive_limited() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > self._largest_bytes:
                raise HTTPException(413, f"The body must have at most {self._largest_bytes} bytes.")
            if not share.fits(seen_bytes):
                raise HTTPException(503, "Too many large bodies at once; try again later.", headers_of(503))
            return message

        try:
            await self._app(scope, receive_limited, send)
        finally:
            share.release()


class Compression(GZipMiddleware):
    """Compresses for clients accepting gzip; Starlette ignores a refusal by ``gzip;q=0``."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if not decodes(Headers(scope=scope).get("accept-encoding", ""), "gzip"):
            others = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": others}
        await super().__call__(scope, receive, send)


def outer_middleware(
    *,
    hosts: Collection[str],
    largest_body_bytes: int,
    bodies: Budget,
    cors_origins: Sequence[str],
    logs_access: bool = False,
) -> list[Middleware]:
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
        *([Middleware(AccessLog)] if logs_access else []),
        Middleware(SafeHeaders),
        Middleware(AllowedHosts, hosts=hosts, exempt=UNDER_ANY_NAME),
        *([pages] if cors_origins else []),
        Middleware(Compression, minimum_size=LEAST_COMPRESSED_BYTES, compresslevel=COMPRESSION_LEVEL),
        Middleware(BodyLimit, largest_bytes=largest_body_bytes, budget=bodies),
    ]
