"""One run of the real code in a world that the exploration owns: store, provider, clock and actors."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from random import Random
from typing import Any, cast

from graphql_api.caller import ANONYMOUS
from graphql_api.documents import Finetuning
from graphql_api.errors import FinetuningNotCancellableError, FinetuningNotFoundError
from graphql_api.finetunings.advance import work_once
from graphql_api.finetunings.cancel import cancel
from graphql_api.finetunings.delete import delete
from graphql_api.finetunings.engine import Engine
from graphql_api.finetunings.leases import LeasedFinetunings
from graphql_api.finetunings.store import FinetuningStore
from graphql_api.finetunings.sweep import sweep
from graphql_api.finetunings.timing import Timing
from graphql_api.finetunings.upkeep_store import UpkeepStore
from graphql_api.metrics import Metrics
from graphql_api.providers.port import ProviderFault
from tests.exploration.actor import Actor, Call, Crash, Gate, Kind
from tests.exploration.memory_collection import Document, MemoryCollection, Observer
from tests.exploration.oracle import Oracle
from tests.exploration.owned_loop import OwnedLoop, at_once
from tests.exploration.provider import START, MemoryProvider
from tests.exploration.views import facts_of


class Role(StrEnum):
    """What an actor does."""

    WORKER = "worker"
    CANCEL = "cancel"
    DELETE = "delete"
    WEBHOOK = "webhook"
    SWEEP = "sweep"


METRICS = Metrics()

UseCase = Callable[..., Awaitable[Finetuning]]

TIMING = Timing(recheck_s=30, sync_interval_s=30, cancel_budget_s=2)
"""The real limits, but looking rarely, so that a run is short to walk through."""


class Steady(Random):
    """No chance: every backoff takes as long as it may."""

    def uniform(self, a: float, b: float) -> float:
        """Return the upper end."""
        return b


def unchanged(part: Any) -> Any:
    """Return the part as it is."""
    return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a run is made of: the real parts, unless a mutant puts a faulty one in the place of one."""

    leases: Callable[..., LeasedFinetunings] = LeasedFinetunings
    store: Callable[[LeasedFinetunings], FinetuningStore] = FinetuningStore
    around_store: Callable[[Any], Any] = unchanged
    around_provider: Callable[[Any], Any] = unchanged
    timing: Timing = TIMING
    cancel: UseCase = cancel
    collection: Callable[[Observer], Any] = MemoryCollection


REAL = Parts()


@dataclass(slots=True, kw_only=True)
class Budget:
    """How much may still happen that a quiet day does not bring, and how often time may pass."""

    crashes: int = 0
    faults: int = 0
    jumps: int = 0
    ends: int = 0
    ticks: int = 4

    def key(self) -> Hashable:
        """Return all of it."""
        return self.crashes, self.faults, self.jumps, self.ends, self.ticks


@dataclass(slots=True, kw_only=True)
class System:
    """The parts, the actors, and what is still on its way to the provider."""

    parts: Parts
    budget: Budget
    loop: OwnedLoop = field(default_factory=OwnedLoop)
    actors: list[Actor] = field(default_factory=list)
    delayed: list[Call] = field(default_factory=list)
    last_moved: str = ""
    abandon: str = "dropped"
    keeps_delayed: bool = False
    collection: Any = None
    tokens: int = 0
    provider: MemoryProvider = field(init=False)
    oracle: Oracle = field(init=False)
    store: FinetuningStore = field(init=False)
    upkeep: UpkeepStore = field(init=False)
    id: Any = None
    _stored: Document | None = None
    _finetuning: Finetuning | None = None

    def __post_init__(self) -> None:
        self.provider = MemoryProvider(time=self.loop.time)
        self.oracle = Oracle(provider=self.provider, time=self.loop.time, timing=TIMING)
        self.provider.on_created = self.oracle.created
        self.collection = self.parts.collection(self._written)
        leased = self.parts.leases(
            self.collection, owner="server", lease_s=self.parts.timing.lease_s, now=self.now
        )
        self.store, self.upkeep = self.parts.store(leased), UpkeepStore(leased)

    def begin(self, document: Document) -> None:
        """Start from this document."""
        self.collection.insert(document)
        self._written(None, document)

    def now(self) -> datetime:
        """Return the time as the store's clock shows it."""
        return START + timedelta(milliseconds=round(self.loop.time() * 1000))

    @property
    def finetuning(self) -> Finetuning:
        """The finetuning as it is stored now."""
        if self._finetuning is None:
            self._finetuning = Finetuning.model_validate(self._stored)
        return self._finetuning

    def add(self, role: Role, number: int = 1) -> None:
        """Start an actor; a worker takes turn after turn, the others do one thing."""
        name = f"{role}-{number}"
        actor = Actor(name, loop=self.loop, abandon=self._abandoned, forgets=role is not Role.SWEEP)
        self.actors.append(actor)
        work = {
            Role.WORKER: self._work,
            Role.CANCEL: self._cancel,
            Role.DELETE: self._delete,
            Role.WEBHOOK: self._hint,
            Role.SWEEP: self._sweep,
        }[role]
        actor.start(work(actor, self.engine(actor)))

    def replace_the_dead(self) -> None:
        """Put a new worker in the place of one that is gone; a client that is gone does not come back."""
        for actor in [actor for actor in self.actors if actor.is_done]:
            self.actors.remove(actor)
            problem = actor.ended()
            if not isinstance(problem, Crash | asyncio.CancelledError | None):
                self.oracle.blame("G5", f"{actor.name} raised {problem!r}")
            role, number = actor.name.split("-")
            if role == Role.WORKER:
                self.add(Role.WORKER, int(number))

    def engine(self, actor: Actor) -> Engine:
        """Return the actor's engine: its every call goes through the actor's gates."""
        store = self.parts.around_store(Gate(self.store, actor=actor, kind=Kind.STORE))
        provider = self.parts.around_provider(Gate(self.provider, actor=actor, kind=Kind.PROVIDER))
        return Engine(
            store=store,
            upkeep=cast("Any", Gate(self.upkeep, actor=actor, kind=Kind.STORE)),
            deployment_id="here",
            metrics=METRICS,
            provider_named=lambda _: provider,
            timing=self.parts.timing,
            random=Steady(),
            new_token=partial(self._new_token, actor),
            monotonic=self.loop.time,
            sleep=actor.sleep,
        )

    def claimable_at(self) -> float:
        """Return when a worker can claim the finetuning, in seconds since the start."""
        due, lease = self.finetuning.due_at, self.finetuning.lease
        if due is None:
            return float("inf")
        return (max(due, lease.expires_at if lease else due) - START).total_seconds()

    def pass_to(self, time: float) -> None:
        """Let time pass."""
        self.loop.advance_to(time)

    def delay(self, call: Call) -> None:
        """Keep the call on its way; a create's delay is counted from its durable mark, as the grace is."""
        mark = self.finetuning.submission
        marked_at = (mark.marked_at - START).total_seconds() if mark else call.made_at
        call.counted_from = min(call.made_at, marked_at)
        self.delayed.append(call)

    def deliver(self, call: Call) -> None:
        """Let a delayed call reach the provider at last."""
        self.delayed.remove(call)
        self.provider.delay_s = self.loop.time() - call.counted_from
        at_once(settled(call))
        self.provider.delay_s = 0
        self.oracle.disturb()

    def key(self) -> Hashable:
        """Return what decides how the run goes on; workers, and cancels, are alike."""
        now, finetuning = self.loop.time(), self.finetuning
        token = finetuning.lease.token if finetuning.lease else None
        actors = sorted(repr((actor.name[:6], actor.key(now, token))) for actor in self.actors)
        return (
            facts_of(finetuning).key(now, token),
            tuple(actors),
            tuple((call.name, call.counted_from - now) for call in self.delayed),
            self.provider.key(now),
            self.oracle.key(now),
            self.budget.key(),
            self.keeps_delayed,
        )

    def _new_token(self, actor: Actor) -> str:
        self.tokens += 1
        actor.token = f"token-{self.tokens}"
        return actor.token

    def _written(self, before: Document | None, after: Document) -> None:
        self._stored, self._finetuning = after, None
        self.oracle.written(before, after)

    async def _abandoned(self, call: Call) -> None:
        """Decide the fate of a call whose caller does not wait any more."""
        if call.name == "create_job":
            self.oracle.posted(at=call.made_at, answered=False)
        if self.abandon == "applied":
            await settled(call)
        elif self.abandon == "delayed":
            self.delay(call)

    async def _work(self, actor: Actor, engine: Engine) -> None:
        while True:
            await actor.idle()
            await work_once(engine)

    async def _cancel(self, actor: Actor, engine: Engine) -> None:
        try:
            answer = await self.parts.cancel(str(self.id), metadata=None, caller=ANONYMOUS, engine=engine)
        except FinetuningNotCancellableError as refusal:
            self.oracle.refused(str(refusal.details["status"]))
        except FinetuningNotFoundError:
            self.oracle.not_found()
        else:
            self.oracle.answered(answer)

    async def _delete(self, actor: Actor, engine: Engine) -> None:
        self.oracle.deleted(await delete(str(self.id), caller=ANONYMOUS, engine=engine))

    async def _hint(self, actor: Actor, engine: Engine) -> None:
        """Do what a webhook does to the finetuning."""
        await engine.upkeep.hint({"finetuning_job_id": "ftjob-1"})

    async def _sweep(self, actor: Actor, engine: Engine) -> None:
        with suppress(ProviderFault):
            await sweep(engine, engine.provider_named("openai"))


async def settled(call: Call) -> None:
    """Make the call; nobody is there any more to hear its answer or its failure."""
    with suppress(ProviderFault):
        await call.make()
