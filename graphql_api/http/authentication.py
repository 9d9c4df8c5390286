"""Identifies the caller of every request before any endpoint sees it."""

from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_api.access.errors import ForbiddenError, RateLimitedError, UnauthenticatedError
from graphql_api.access.gate import Gate, token_of
from graphql_api.caller import Caller
from graphql_api.scopes import Scope as Right


class Authentication:
    """Refuses requests without an accepted credential, except to ``public`` paths.

    A path ending in a slash stands for all paths below it. A public endpoint that needs a caller after
    all asks ``caller_of``, and so do all others.
    """

    def __init__(self, app: ASGIApp, *, gate: Gate, public: Collection[str]) -> None:
        self._app = app
        self._gate = gate
        self._public = frozenset(public)
        self._below = tuple(path for path in public if path.endswith("/") and path != "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; a WebSocket is asked for its credential after the handshake."""
        if scope["type"] == "http":
            try:
                token = token_of(Headers(scope=scope))
                scope["state"]["caller"] = await self._gate.caller(token, address=address_of(scope))
            except (UnauthenticatedError, RateLimitedError) as refused:
                scope["state"]["refused"] = refused
                if not self._is_public(scope["path"]):
                    raise
        await self._app(scope, receive, send)

    def _is_public(self, path: str) -> bool:
        return path in self._public or path.startswith(self._below)


def caller_of(scope: Scope) -> Caller:
    """Return the caller of this request; raises ``UnauthenticatedError`` or ``RateLimitedError``."""
    caller: Caller | None = scope["state"].get("caller")
    if caller is None:
        raise scope["state"]["refused"]
    return caller


def caller_with(right: Right, scope: Scope, *, endpoint: str) -> Caller:
    """Return the caller of this request; raises ``ForbiddenError`` if it lacks the scope."""
    caller = caller_of(scope)
    if caller.lacks(frozenset({frozenset({right})})):
        raise ForbiddenError(endpoint, scopes=[[right]])
    return caller


def has(right: Right, scope: Scope) -> bool:
    """Return whether this request has a caller with the scope."""
    caller: Caller | None = scope["state"].get("caller")
    return caller is not None and not caller.lacks(frozenset({frozenset({right})}))


def address_of(scope: Mapping[str, object]) -> str | None:
    """Return the client's address, if there is a connection."""
    client = scope.get("client")
    return client[0] if isinstance(client, tuple | list) else None
