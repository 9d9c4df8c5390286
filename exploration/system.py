"""One run of the real code in a world of its own.

The exploration owns its store, its provider, its clock and its actors.
"""

import asyncio
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from exploration.account import ActorsAccounts, MemoryAccount
from exploration.actor import Actor, Call, Crash, Gate, Kind
from exploration.memory_collection import Document
from exploration.memory_sources import MemoryDeliveries, MemorySources, small_catalogue
from exploration.oracle import Oracle
from exploration.owned_loop import OwnedLoop, at_once
from exploration.parts import TIMING, Budget, Parts, Role, Steady
from exploration.provider import START, MemoryProvider, RecordedJob
from exploration.views import facts_of
from exploration.work import WORK
from graphql_api.documents import Finetuning
from graphql_api.engine.engine import Engine
from graphql_api.metrics import Metrics
from graphql_api.providers.port import ProviderFault
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.many_finetunings import UpkeepStore

METRICS = Metrics()


@dataclass(slots=True, kw_only=True)
class System:
    """The parts, the actors, and all calls still on their way to the provider."""

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
    awaited: list[Role] = field(default_factory=list)
    sources: MemorySources = field(default_factory=small_catalogue)
    deliveries: MemoryDeliveries = field(init=False)
    provider: MemoryProvider = field(init=False)
    account: MemoryAccount = field(init=False)
    oracle: Oracle = field(init=False)
    store: FinetuningStore = field(init=False)
    upkeep: UpkeepStore = field(init=False)
    id: Any = None
    _stored: Document | None = None
    _finetuning: Finetuning | None = None

    def __post_init__(self) -> None:
        self.provider = MemoryProvider(time=self.loop.time)
        self.account = self.parts.account(time=self.loop.time)
        self.oracle = Oracle(provider=self.provider, time=self.loop.time, timing=TIMING)
        self.provider.on_created, self.provider.on_stopped = self.oracle.created, self._stopped
        self.provider.on_searched = self.oracle.searched
        self.deliveries = MemoryDeliveries(self.oracle.arrived)
        self.collection = self.parts.collection(self._written)
        leased = self.parts.leases(
            self.collection, owner="server", lease_s=self.parts.timing.lease_s, now=self.now
        )
        self.store, self.upkeep = self.parts.store(leased), UpkeepStore(leased)

    def begin(self, document: Document) -> None:
        """Start from this document."""
        self.collection.insert(document)
        self._written(None, self.collection.documents[document["_id"]])

    def now(self) -> datetime:
        """Return the time as the store's clock shows it."""
        return START + timedelta(milliseconds=round(self.loop.time() * 1000))

    @property
    def finetuning(self) -> Finetuning | None:
        """The finetuning as it is stored now; ``None`` before it is created."""
        if self._finetuning is None and self._stored is not None:
            self._finetuning = self.collection.versions.read(self._stored)
        return self._finetuning

    def add(self, role: Role, number: int = 1) -> None:
        """Start an actor; a worker takes turn after turn, the others do one thing."""
        name = f"{role}-{number}"
        actor = Actor(name, loop=self.loop, abandon=self._abandoned, forgets=role.forgets)
        self.actors.append(actor)
        actor.start(WORK[role](self, actor, self.engine(actor)))

    def known_as(self, finetuning_id: object) -> None:
        """Release the actors held back until the finetuning had an id."""
        if self.id is None:
            self.id = finetuning_id

    def replace_the_dead(self) -> None:
        """Repeat broken-off calls, and begin the calls that needed the finetuning's id."""
        for actor in [actor for actor in self.actors if actor.is_done]:
            self.actors.remove(actor)
            problem = actor.ended()
            if not isinstance(problem, Crash | asyncio.CancelledError | None):
                self.oracle.blame("G5", f"{actor.name} raised {problem!r}")
            role, number = actor.name.split("-")
            if problem is not None and Role(role).is_repeated:
                self.add(Role(role), int(number))
        while self.id is not None and self.awaited:
            self.add(self.awaited[0], len(self.awaited))
            self.awaited.pop(0)

    def engine(self, actor: Actor) -> Engine:
        """Return the actor's engine: its every call goes through the actor's gates."""
        store = self.parts.around_store(Gate(self.store, actor=actor, kind=Kind.STORE))
        upkeep = self.parts.around_upkeep(Gate(self.upkeep, actor=actor, kind=Kind.STORE))
        provider = self.parts.around_provider(Gate(self.provider, actor=actor, kind=Kind.PROVIDER))
        return Engine(
            store=store,
            upkeep=upkeep,
            sources=cast("Any", Gate(self.sources, actor=actor, kind=Kind.STORE)),
            deliveries=cast("Any", Gate(self.deliveries, actor=actor, kind=Kind.STORE)),
            deployment_id="here",
            metrics=METRICS,
            accounts=cast("Any", ActorsAccounts(self.account, provider)),
            timing=self.parts.timing,
            random=Steady(),
            new_token=partial(self._new_token, actor),
            monotonic=self.loop.time,
            sleep=actor.sleep,
        )

    def claimable_at(self) -> float:
        """Return when a worker can claim the finetuning, in seconds since the start."""
        if self.finetuning is None or self.finetuning.due_at is None:
            return float("inf")
        due, lease = self.finetuning.due_at, self.finetuning.lease
        return (max(due, lease.expires_at if lease else due) - START).total_seconds()

    def pass_to(self, time: float) -> None:
        """Let time pass."""
        self.loop.advance_to(time)

    def delay(self, call: Call) -> None:
        """Keep the call on its way; a create's delay is counted from its durable mark, as the grace is."""
        mark = self.finetuning and self.finetuning.submission
        marked_at = (mark.marked_at - START).total_seconds() if mark else call.made_at
        call.counted_from = min(call.made_at, marked_at)
        self.delayed.append(call)

    def deliver(self, call: Call) -> None:
        """Let a delayed call reach the provider at last."""
        self.delayed.remove(call)
        self.provider.delay_s = self.loop.time() - call.counted_from
        at_once(settled(call))
        self.provider.delay_s = None
        self.oracle.disturb()

    def key(self) -> Hashable:
        """Return everything the run's future depends on; workers, and cancels, are alike."""
        now, finetuning = self.loop.time(), self.finetuning
        token = finetuning.lease.token if finetuning and finetuning.lease else None
        actors = sorted(repr((actor.name[:6], actor.key(now, token))) for actor in self.actors)
        return (
            finetuning and facts_of(finetuning).key(now, token),
            tuple(actors),
            tuple((call.name, call.counted_from - now) for call in self.delayed),
            (self.provider.key(now), self.account.key(now)),
            self.oracle.key(now),
            self.budget.key(),
            self.keeps_delayed,
            (tuple(self.awaited), self.sources.key(), self.deliveries.key()),
        )

    def _new_token(self, actor: Actor) -> str:
        self.tokens += 1
        actor.token = f"token-{self.tokens}"
        return actor.token

    def _written(self, before: Document | None, after: Document) -> None:
        self._stored, self._finetuning = after, None
        self.oracle.written(before, after)

    def _stopped(self, job: RecordedJob) -> None:
        self.oracle.stopped(job, by_sweep=self.last_moved.startswith(Role.SWEEP))

    async def _abandoned(self, call: Call) -> None:
        """Decide the fate of a call after its caller stopped waiting."""
        if call.name == "create_job":
            self.oracle.posted(at=call.made_at, answered=False)
        if self.abandon == "applied":
            await settled(call)
        elif self.abandon == "delayed":
            self.delay(call)


async def settled(call: Call) -> None:
    """Make the call; its caller is gone and hears no answer and no failure."""
    with suppress(ProviderFault):
        await call.make()
