"""Seeded design faults about provider accounts."""

from typing import Any

from exploration.account import MemoryAccount
from exploration.parts import TIMING
from exploration.provider import MemoryProvider
from graphql_api.providers.port import CredentialsError, ProviderFault, RejectedError


class DisabledForGood(MemoryAccount):
    """A disabled account is taken for the endpoint's refusal of the call."""

    def disable(self, *, seconds: float) -> ProviderFault:
        """Refuse, for longer than a refusal is doubted."""
        refusal = RejectedError("The account is disabled.", as_such=True)
        return self._shut(refusal, seconds=seconds + TIMING.grace_s)


class AnotherAsked(MemoryAccount):
    """While the account is disabled, another account is asked: it has no such job."""

    def opened(self, provider: Any) -> Any:
        """Return the other account's provider."""
        try:
            return super().opened(provider)
        except CredentialsError:
            raise
        except ProviderFault:
            return MemoryProvider(time=self._time)
