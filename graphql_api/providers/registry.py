"""The providers by name; they are closed here."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from graphql_api.errors import ProviderNotSupportedError
from graphql_api.providers.port import FinetuningProvider


class Providers:
    """Owns the providers and finds each by its name, for example ``openai``."""

    def __init__(self, providers: Mapping[str, FinetuningProvider]) -> None:
        self._providers = dict(providers)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all providers, in their order of registration."""
        return tuple(self._providers)

    def named(self, name: str) -> FinetuningProvider:
        """Return the provider; raises ``ProviderNotSupportedError``."""
        try:
            return self._providers[name]
        except KeyError:
            raise ProviderNotSupportedError(name, supported=self.names) from None

    async def close(self) -> None:
        """Close every provider, the last one first, even if one of them fails to close."""
        async with AsyncExitStack() as stack:
            for provider in self._providers.values():
                stack.push_async_callback(provider.close)
