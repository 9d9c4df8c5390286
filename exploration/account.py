"""The provider account in memory: for a while it may be disabled, or its key refused."""

from collections.abc import Callable, Hashable
from typing import Any

from graphql_api.documents import AccountKey
from graphql_api.providers.port import CredentialsError, NotSentError, ProviderFault


class MemoryAccount:
    """The engine opens it before each call; ``can_fail`` says whether a scenario lets it fail."""

    def __init__(self, *, time: Callable[[], float]) -> None:
        self._time = time
        self._shut_until = 0.0
        self._fault: ProviderFault = NotSentError("open")
        self.can_fail = False

    def disable(self, *, seconds: float) -> ProviderFault:
        """Let no call out for a while; return the fault of the call under way."""
        return self._shut(NotSentError("The account is disabled."), seconds=seconds)

    def refuse_key(self, *, seconds: float) -> ProviderFault:
        """Let the provider refuse the key for a while: it is rotated there, and not here yet."""
        return self._shut(CredentialsError("401"), seconds=seconds)

    def opened(self, provider: Any) -> Any:
        """Return the provider; raises the present fault."""
        if self._time() < self._shut_until:
            raise self._fault
        return provider

    def key(self, now: float) -> Hashable:
        """Return how long it is shut, and by what."""
        left_s = max(self._shut_until - now, 0)
        return left_s, type(self._fault).__name__ if left_s else ""

    def _shut(self, fault: ProviderFault, *, seconds: float) -> ProviderFault:
        self._shut_until, self._fault = self._time() + seconds, fault
        return fault


class ActorsAccounts:
    """The account as one actor's engine opens it, with the provider behind the actor's gate."""

    def __init__(self, account: MemoryAccount, provider: Any) -> None:
        self._account = account
        self._provider = provider

    async def open(self, _: AccountKey) -> Any:
        """Return the provider; raises the account's present fault."""
        return self._account.opened(self._provider)

    async def note_refusal(self, _: AccountKey) -> None:
        """Keep no note: nobody reads it here."""
