"""The gate: a credential of any transport becomes a caller, in one place."""

from asyncio import Event
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

from graphql_api.access.endings import Endings
from graphql_api.access.errors import CredentialEndedError, RateLimitedError, UnauthenticatedError
from graphql_api.access.keys import ApiKeys
from graphql_api.address import network_of
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.rate_limits import Budget

MISSING = "This server wants a credential: send the header Authorization with Bearer and the credential."
LARGEST_TOKEN = 8_000
"""The most characters of a credential."""


class CallerSource(Protocol):
    """One kind of credential."""

    def reads(self, token: str) -> bool:
        """Return whether the token is of this kind."""

    def recalls(self, token: str) -> bool:
        """Return whether memory alone shows that the token was accepted before."""

    async def caller(self, token: str, *, address: str | None) -> Caller:
        """Return the token's caller; raises ``UnauthenticatedError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Identifies callers by these kinds of credentials; without any kind, every caller is anonymous.

    ``keys`` is the one of them that callers can make and revoke. ``failures`` is each address's budget of
    wrong credentials.
    """

    sources: tuple[CallerSource, ...] = ()
    keys: ApiKeys | None = None
    endings: Endings = field(default_factory=Endings)
    failures: Budget | None = None
    _trying: dict[tuple[str, str], Event] = field(default_factory=dict)

    async def caller(self, token: str | None, *, address: str | None) -> Caller:
        """Return the caller; raises ``UnauthenticatedError`` for a missing or refused credential.

        Raises ``RateLimitedError`` after too many refused ones, before it looks at any but a known one.
        """
        if not self.sources:
            return replace(ANONYMOUS, address=address)
        if not token:
            raise UnauthenticatedError(MISSING)
        source = self._source_of(token)
        if self.failures is None or (source is not None and source.recalls(token)):
            return await _identified(source, token, address=address)
        return await self._alone(source, token, address=address, failures=self.failures)

    async def _alone(
        self, source: CallerSource | None, token: str, *, address: str | None, failures: Budget
    ) -> Caller:
        """Return the caller; of tries with one token at once, the others wait for the first.

        So a key that is new to this server may come on many connections, and counts as one try.
        """
        one = network_of(address), token
        if (first := self._trying.get(one)) is not None:
            await first.wait()
            if source is not None and source.recalls(token):
                return await _identified(source, token, address=address)
            return await self._tried(source, token, address=address, failures=failures)
        self._trying[one] = ended = Event()
        try:
            return await self._tried(source, token, address=address, failures=failures)
        finally:
            del self._trying[one]
            ended.set()

    async def _tried(
        self, source: CallerSource | None, token: str, *, address: str | None, failures: Budget
    ) -> Caller:
        """Return the caller; the try counts from its start, so many at once are no way round the limit."""
        client, is_wrong = network_of(address), False
        wait_s = await failures.take(client)
        if wait_s is not None:
            raise RateLimitedError("Too many wrong credentials came from this address", retry_after_s=wait_s)
        try:
            return await _identified(source, token, address=address)
        except UnauthenticatedError as refused:
            is_wrong = not isinstance(refused, CredentialEndedError)
            raise
        finally:
            if not is_wrong:
                failures.give_back(client)

    def _source_of(self, token: str) -> CallerSource | None:
        if len(token) > LARGEST_TOKEN:
            return None
        return next((one for one in self.sources if one.reads(token)), None)

    def watch(self, caller: Caller) -> AbstractContextManager[Event]:
        """Return a context with an event that is set when the caller's credential ends."""
        return self.endings.watch(caller)


async def _identified(source: CallerSource | None, token: str, *, address: str | None) -> Caller:
    if source is None:
        raise UnauthenticatedError("The credential is of no kind that this server reads.")
    return await source.caller(token, address=address)


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
