"""Identifies the caller of every request before any endpoint sees it."""

from collections.abc import Collection, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from graphql_api.access.errors import ForbiddenError, RateLimitedError, UnauthenticatedError
from graphql_api.access.gate import Gate, token_of
from graphql_api.address import network_of
from graphql_api.audit.attempts import Attempt
from graphql_api.audit.log import AuditLog
from graphql_api.caller import Caller
from graphql_api.documents import AuditTarget
from graphql_api.http.request_ids import request_id_of
from graphql_api.scopes import Scope as Right

Targets = tuple[AuditTarget, ...]
RefusedCredential = UnauthenticatedError | RateLimitedError


class Authentication:
    """Refuses requests without an accepted credential, except to ``public`` paths.

    A path ending in a slash stands for all paths below it. A public endpoint that needs a caller after
    all asks ``caller_of``, and so do all others.
    """

    def __init__(
        self, app: ASGIApp, *, gate: Gate, public: Collection[str], audit: AuditLog | None = None
    ) -> None:
        self._app = app
        self._gate = gate
        self._audit = audit
        self._public = frozenset(public)
        self._below = tuple(path for path in public if path.endswith("/") and path != "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; a WebSocket is asked for its credential after the handshake."""
        scope["state"]["audit"] = self._audit
        if scope["type"] == "http":
            try:
                token = token_of(Headers(scope=scope))
                scope["state"]["caller"] = await self._gate.caller(token, address=address_of(scope))
            except (UnauthenticatedError, RateLimitedError) as refused:
                scope["state"]["refused"] = refused
                if not self._is_public(scope["path"]):
                    caller_of(scope)
        await self._app(scope, receive, send)

    def _is_public(self, path: str) -> bool:
        return path in self._public or path.startswith(self._below)


def caller_of(scope: Scope) -> Caller:
    """Return the caller of this request; raises ``UnauthenticatedError`` or ``RateLimitedError``, audited."""
    caller: Caller | None = scope["state"].get("caller")
    if caller is None:
        refused: RefusedCredential = scope["state"]["refused"]
        note_refused(refused, scope)
        raise refused
    return caller


def caller_with(
    *rights: Right, of: Scope, endpoint: str, action: str | None = None, targets: Targets = ()
) -> Caller:
    """Return the caller of this request; raises ``ForbiddenError`` if it lacks a scope, and audits it.

    ``action`` is the audit's name of the endpoint, and ``targets`` are the documents that the request names.
    """
    caller = caller_of(of)
    if caller.lacks(frozenset({frozenset(rights)})):
        forbidden = ForbiddenError(endpoint, scopes=[rights])
        if (audit := audit_of(of)) is not None:
            attempt = attempt_of(of, caller, action=action or endpoint, targets=targets)
            audit.note(attempt.refused(forbidden.code))
        raise forbidden
    return caller


def has(right: Right, scope: Scope) -> bool:
    """Return whether this request has a caller with the scope."""
    caller: Caller | None = scope["state"].get("caller")
    return caller is not None and not caller.lacks(frozenset({frozenset({right})}))


def account_of(scope: Scope) -> str:
    """Return whose turn the request takes: its caller's, or its address's if the caller is unknown."""
    caller: Caller | None = scope["state"].get("caller")
    return f"@{network_of(address_of(scope))}" if caller is None else caller.account


def attempt_of(scope: Scope, caller: Caller, *, action: str, targets: Targets) -> Attempt:
    """Return the audited attempt of this request."""
    return Attempt(action=action, caller=caller, request_id=request_id_of(scope), targets=targets)


def note_refused(refused: RefusedCredential, scope: Scope) -> None:
    """Audit a refused credential; a sentence with a time in it would be another reason each second."""
    if (audit := audit_of(scope)) is not None:
        reason = refused.message if isinstance(refused, UnauthenticatedError) else None
        audit.credentials.note(
            refused.code, reason=reason, address=address_of(scope), request_id=request_id_of(scope)
        )


def audit_of(scope: Scope) -> AuditLog | None:
    """Return the audit log, if the server keeps one."""
    audit: AuditLog | None = scope["state"].get("audit")
    return audit


def address_of(scope: Mapping[str, object]) -> str | None:
    """Return the client's address, if there is a connection."""
    client = scope.get("client")
    return client[0] if isinstance(client, tuple | list) else None
