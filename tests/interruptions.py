"""Holders stopped or overtaken at a chosen call.

The call is one of theirs to the store or the provider.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from graphql_api.accounts.opening import Accounts
from graphql_api.engine.engine import Engine
from graphql_api.providers.registry import Providers

Interruption = Callable[[], Awaitable[None]]


class Crash(BaseException):
    """The process is gone: nothing below catches this, so nothing is tidied up."""


async def crash() -> None:
    """End the holder as a power cut does."""
    raise Crash


@dataclass(slots=True, kw_only=True)
class Interrupted:
    """An engine's calls, counted; just before call number ``at`` the interruption happens."""

    at: int
    interruption: Interruption
    calls: list[str] = field(default_factory=list)

    @property
    def happened(self) -> bool:
        """Whether there were so many calls at all."""
        return len(self.calls) >= self.at

    def engine(self, engine: Engine) -> Engine:
        """Return the engine with its store and its providers under watch."""
        provider = engine.accounts.own.named("openai")
        return replace(
            engine,
            store=cast("Any", _Watched(engine.store, self)),
            accounts=Accounts(Providers({"openai": cast("Any", _Watched(provider, self))})),
        )

    async def before(self, call: str) -> None:
        """Count a call just before it is made."""
        self.calls.append(call)
        if len(self.calls) == self.at:
            await self.interruption()


class _Watched:
    """Stands before a store or a provider; counts every call and passes it on."""

    def __init__(self, watched: object, interrupted: Interrupted) -> None:
        self._watched = watched
        self._interrupted = interrupted

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*args: object, **kwargs: object) -> object:
            await self._interrupted.before(name)
            return await getattr(self._watched, name)(*args, **kwargs)

        return call
