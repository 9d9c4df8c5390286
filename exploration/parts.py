"""The code, the roles and the budgets of a run."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from exploration.account import MemoryAccount
from exploration.memory_collection import MemoryCollection
from graphql_api.engine.engine import Timing
from graphql_api.finetunings.cancel import cancel
from graphql_api.finetunings.create import create
from graphql_api.finetunings.give_up import give_up
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.upkeep.sweep import sweep
from graphql_api.upkeep.webhook_hints import take_hint


class Role(StrEnum):
    """The work of an actor."""

    CREATE = "create"
    WORKER = "worker"
    CANCEL = "cancel"
    CANCEL_MANY = "many"
    DELETE = "delete"
    GIVE_UP = "giveup"
    WEBHOOK = "webhook"
    SWEEP = "sweep"
    SYNC = "sync"

    @property
    def is_repeated(self) -> bool:
        """Whether a broken-off call is made again, by the server, the client or the provider."""
        return self in {Role.WORKER, Role.CREATE, Role.WEBHOOK}

    @property
    def forgets(self) -> bool:
        """Whether it goes by the latest sight of the finetuning alone."""
        return self not in {Role.SWEEP, Role.SYNC}


UseCase = Callable[..., Awaitable[Any]]

TIMING = Timing(recheck_s=30, sync_interval_s=30, cancel_budget_s=2)
"""The real limits, but with rare polls, for a short run."""


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
    """The code of a run: the real parts; a mutant puts a faulty one in the place of one."""

    leases: Callable[..., LeasedFinetunings] = LeasedFinetunings
    store: Callable[[LeasedFinetunings], FinetuningStore] = FinetuningStore
    around_store: Callable[[Any], Any] = unchanged
    around_upkeep: Callable[[Any], Any] = unchanged
    around_provider: Callable[[Any], Any] = unchanged
    timing: Timing = TIMING
    create: UseCase = create
    cancel: UseCase = cancel
    give_up: UseCase = give_up
    take_hint: UseCase = take_hint
    account: Callable[..., MemoryAccount] = MemoryAccount
    sweep: UseCase = sweep
    collection: Callable[..., Any] = MemoryCollection


REAL = Parts()


@dataclass(slots=True, kw_only=True)
class Budget:
    """How many disturbances may still happen, and how often time may pass."""

    crashes: int = 0
    faults: int = 0
    jumps: int = 0
    ends: int = 0
    ticks: int = 4

    def key(self) -> Hashable:
        """Return all of it."""
        return self.crashes, self.faults, self.jumps, self.ends, self.ticks
