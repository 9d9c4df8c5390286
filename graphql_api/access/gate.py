"""The gate: a credential of any transport becomes a caller, in one place."""

from asyncio import Event
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

from graphql_api.access.endings import Endings
from graphql_api.access.errors import UnauthenticatedError
from graphql_api.access.keys import ApiKeys
from graphql_api.caller import ANONYMOUS, Caller

MISSING = "This server wants a credential: send the header Authorization with Bearer and the credential."
LARGEST_TOKEN = 8_000
"""The most characters of a credential."""


class CallerSource(Protocol):
    """One kind of credential."""

    def reads(self, token: str) -> bool:
        """Return whether the token is of this kind."""

    async def caller(self, token: str, *, address: str | None) -> Caller:
        """Return the token's caller; raises ``UnauthenticatedError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Identifies callers by these kinds of credentials; without any kind, every caller is anonymous.

    ``keys`` is the one of them that callers can make and revoke.
    """

    sources: tuple[CallerSource, ...] = ()
    keys: ApiKeys | None = None
    endings: Endings = field(default_factory=Endings)

    async def caller(self, token: str | None, *, address: str | None) -> Caller:
        """Return the caller; raises ``UnauthenticatedError`` for a missing or refused credential."""
        if not self.sources:
            return replace(ANONYMOUS, address=address)
        if not token:
            raise UnauthenticatedError(MISSING)
        for source in self.sources:
            if len(token) <= LARGEST_TOKEN and source.reads(token):
                return await source.caller(token, address=address)
        raise UnauthenticatedError("The credential is of no kind that this server reads.")

    def watch(self, caller: Caller) -> AbstractContextManager[Event]:
        """Return a context with an event that is set when the caller's credential ends."""
        return self.endings.watch(caller)


OPEN = Gate()
"""The gate of a server without authentication."""


def token_of(headers: Mapping[str, str]) -> str | None:
    """Return the token of the header Authorization; raises ``UnauthenticatedError`` for another scheme."""
    given = headers.get("authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("The header Authorization has to be Bearer and the credential.")
    return token.strip()
