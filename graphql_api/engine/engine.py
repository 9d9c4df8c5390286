"""The engine's parts: store, providers, time limits and chance."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from time import monotonic
from uuid import uuid4

import structlog

from graphql_api.accounts.opening import Accounts
from graphql_api.documents import AccountKey, Finetuning, ObjectId
from graphql_api.metrics import Metrics
from graphql_api.providers.port import (
    CredentialsError,
    FinetuningProvider,
    ProviderFault,
    ProviderJob,
    RetryLaterError,
    is_refused_as_such,
)
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.many_finetunings import UpkeepStore
from graphql_api.store.training_data import Sources
from graphql_api.store.webhook_deliveries import Deliveries

log = structlog.get_logger(__name__)

CLOCK_SLACK = timedelta(hours=1)
"""The most the provider's clock may be behind MongoDB's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The engine's time limits, all in seconds."""

    lease_s: float = 60
    """How long a holder may be silent before another takes over: longer than a cancel and its read-back."""
    submit_limit_s: float = 30
    """How long a create call may take, counted from before its durable mark."""
    grace_s: float = 120
    """How long a job not shown by the provider may still turn up."""
    file_limit_s: float = 1800
    """How long the provider may process a training file; after that its word for it counts no more."""
    sync_interval_s: float = 10
    """How often a live job's status is read."""
    recheck_s: float = 1
    """How soon to look again if an answer is expected shortly."""
    backoff_cap_s: float = 60
    """The longest pause between two tries during a provider's failure."""
    cancel_budget_s: float = 10
    """How long a cancel may keep its caller waiting for the provider."""

    def backoff_s(self, faults: int, random: Random) -> float:
        """Return the pause after ``faults`` earlier failures in a row: doubling, capped, with jitter."""
        pause = min(self.backoff_cap_s, self.recheck_s * float(2 ** min(faults, 30)))
        return pause * random.uniform(0.5, 1)


@dataclass(frozen=True, slots=True)
class Account:
    """A provider account, opened."""

    key: AccountKey
    provider: FinetuningProvider


def _random_token() -> str:
    return uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The steps' shared parts; time, chance and pauses are arguments, so that a test can own them."""

    store: FinetuningStore
    upkeep: UpkeepStore
    deployment_id: str
    accounts: Accounts
    timing: Timing
    sources: Sources = field(default_factory=Sources)
    deliveries: Deliveries = field(default_factory=Deliveries)
    metrics: Metrics = field(default_factory=Metrics)
    warned: set[str] = field(default_factory=set)
    """The accounts already reported in the log for dropping metadata."""
    turns: Counter[ObjectId] = field(default_factory=Counter)
    """The worker's turns under way here, by tenants' accounts."""
    most_turns: int = 2
    """The most of them for one account: a slow endpoint leaves room for the others."""
    random: Random = field(default_factory=Random)
    new_token: Callable[[], str] = _random_token
    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def account(self, key: AccountKey) -> Account:
        """Return this account, opened; raises the faults of ``Accounts.open``."""
        return Account(key, await self.accounts.open(key))

    async def provider_of(self, finetuning: Finetuning) -> FinetuningProvider:
        """Return this finetuning's provider; raises the faults of ``Accounts.open``."""
        return await self.accounts.open(finetuning.account)

    def pause_s(self, finetuning: Finetuning, fault: ProviderFault | None = None) -> float:
        """Return the pause for the finetuning after one more fault, in seconds."""
        pause = self.timing.backoff_s(finetuning.faults, self.random)
        if isinstance(fault, RetryLaterError) and fault.retry_after_s is not None:
            return max(pause, min(fault.retry_after_s, self.timing.backoff_cap_s))
        return pause

    async def record_fault(
        self,
        held: Finetuning,
        fault: ProviderFault,
        *,
        missing: bool = False,
        may_decide: bool = False,
        due_in_s: float | None = None,
        job: ProviderJob | None = None,
        asked: bool = True,
    ) -> Finetuning | None:
        """Record the fault and let go of the finetuning for the backoff or for ``due_in_s``.

        With ``may_decide``, a refusal of calls of this kind starts the time of ``refused_since``. ``job`` is
        the job as read back before the fault, and ``asked`` says whether this turn asked it to stop.
        """
        self.count(held, fault)
        recorded = await self.store.record_fault(
            held,
            fault.message,
            due_in_s=self.pause_s(held, fault) if due_in_s is None else due_in_s,
            missing=missing,
            refused=may_decide and is_refused_as_such(fault),
            request_id=fault.request_id,
            job=job,
            asked=asked,
        )
        if isinstance(fault, CredentialsError):
            await self.accounts.note_refusal(held.account)
        return recorded

    def count(self, held: Finetuning, fault: ProviderFault) -> None:
        """Count the fault, and log it if it is the first in a row."""
        self.metrics.faults.labels(outcome=type(fault).__name__.removesuffix("Error")).inc()
        if held.faults == 0:
            log.info(
                "a provider call failed",
                finetuning=str(held.id),
                reason=fault.message,
                provider_request=fault.request_id,
            )
