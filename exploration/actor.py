"""Actors: the real coroutines, parked before every call.

A call goes to the store, to the provider or to the clock.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from exploration.owned_loop import OwnedLoop
from exploration.provider import content_of
from exploration.views import Seen, seen_of
from graphql_api.documents import Finetuning
from graphql_api.providers.port import ProviderFault, ProviderJob

SHORTEST_SLEEP_S = 0.5
"""A pause may always last longer than asked for; this keeps the looks of a waiting cancel few."""


class Crash(BaseException):
    """The process is gone: nothing below catches this, so nothing is tidied up."""


class Kind(StrEnum):
    """The thing that an actor waits for."""

    STORE = "store"
    PROVIDER = "provider"
    IDLE = "idle"
    SLEEP = "sleep"


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """A call about to be made. The scheduler decides how it ends."""

    kind: Kind
    name: str
    make: Callable[[], Awaitable[Any]]
    made_at: float
    ending: asyncio.Future["Ending"]
    until: float = 0
    about: str = ""
    counted_from: float = 0


Ending = Callable[[Call], Awaitable[Any]]
"""How a call goes: it is made, or fails, or both."""

Abandon = Callable[[Call], Awaitable[None]]
"""The fate of a call after its caller stopped waiting for its answer."""


async def made(call: Call) -> Any:
    """Make the call as it should be."""
    return await call.make()


async def crashed(call: Call) -> Any:
    """End the caller as a power cut does, before the call is made."""
    raise Crash(call.name)


class Actor:
    """One coroutine: its name, its place, and the documents it has seen.

    A step of the engine goes on from the latest finetuning it saw, so everything before is forgotten.
    """

    def __init__(self, name: str, *, loop: OwnedLoop, abandon: Abandon, forgets: bool = True) -> None:
        self.name = name
        self.forgets = forgets
        self.parked: Call | None = None
        self.seen: list[Seen] = []
        self.sleeps = 0
        self.token = ""
        self.began_at: float | None = None
        self._loop = loop
        self._abandon = abandon
        self._task: asyncio.Task[None] | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run up to the first call."""
        self._task = self._loop.create_task(work)
        self._loop.run_ready()

    def proceed(self, ending: Ending) -> None:
        """Let the parked call end like this, and run up to the next one."""
        assert self.parked is not None
        self.parked.ending.set_result(ending)
        self._loop.run_ready()

    def stop(self) -> None:
        """End in order, like a server told to stop."""
        assert self._task is not None
        self._task.cancel()
        self._loop.run_ready()

    def ended(self) -> BaseException | None:
        """Return the coroutine's exception; ``None`` while it runs, or after a plain return."""
        if self._task is None or not self._task.done():
            return None
        return asyncio.CancelledError() if self._task.cancelled() else self._task.exception()

    @property
    def is_done(self) -> bool:
        """Whether the coroutine is over."""
        return self._task is not None and self._task.done()

    @property
    def is_mid_turn(self) -> bool:
        """Whether a call of the store or the provider is about to be made."""
        return self.parked is not None and self.parked.kind in {Kind.STORE, Kind.PROVIDER}

    def key(self, now: float, token: str | None) -> Hashable:
        """Return its place and its knowledge, with times counted from ``now``."""
        call = self.parked
        parked = call and (call.name, call.about, call.until and call.until - now)
        began = None if self.began_at is None else self.began_at - now
        return parked, self.sleeps, began, tuple(one.key(now, token) for one in self.seen)

    async def idle(self) -> None:
        """Wait for the next turn, and forget everything seen in the last one."""
        self.seen.clear()
        self.began_at = None
        await self.make(Kind.IDLE, "idle", _nothing)

    async def sleep(self, seconds: float) -> None:
        """Wait, for at least as long."""
        self.sleeps += 1
        until = self._loop.time() + max(seconds, SHORTEST_SLEEP_S)
        await self.make(Kind.SLEEP, "sleep", _nothing, until=until)

    async def make(
        self,
        kind: Kind,
        name: str,
        make: Callable[[], Awaitable[Any]],
        *,
        until: float = 0,
        about: str = "",
    ) -> Any:
        """Park before the call, then let it end as the scheduler decided."""
        call = Call(
            kind=kind,
            name=name,
            make=make,
            made_at=self._loop.time(),
            ending=self._loop.create_future(),
            until=until,
            about=about,
        )
        self.parked = call
        try:
            ending = await call.ending
        except asyncio.CancelledError:
            await self._abandon(call)
            raise
        finally:
            self.parked = None
        return await self._see(call, ending)

    async def _see(self, call: Call, ending: Ending) -> Any:
        try:
            answer = await ending(call)
        except ProviderFault as fault:
            self.seen.append(seen_of(call.name, fault, call.made_at, self._loop.time()))
            raise
        if self.began_at is None:
            self.began_at = self._loop.time()
        if self.forgets and isinstance(answer, Finetuning):
            self.seen.clear()
        if call.kind in {Kind.STORE, Kind.PROVIDER}:
            self.seen.append(seen_of(call.name, answer, call.made_at, self._loop.time()))
        return answer


class Gate:
    """Stands before a store or a provider; every call of it parks the actor first."""

    def __init__(self, target: Any, *, actor: Actor, kind: Kind) -> None:
        self._target = target
        self._actor = actor
        self._kind = kind

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._target, name)

        async def call(*given: Any, **named: Any) -> Any:
            make = partial(method, *given, **named)
            about = content_of(named.get("filename") or named.get("prefix") or "")
            return await self._actor.make(self._kind, name, make, about=about)

        return call

    async def list_jobs(self, **_: object) -> AsyncIterator[ProviderJob]:
        """Yield the jobs of the only page."""
        for job in await self._actor.make(self._kind, "list_jobs", self._target.jobs_listed):
            yield job


async def _nothing() -> None:
    return None
