"""Periodic upkeep by one server: synchronisation, sweep, watchdog."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import nan
from typing import Literal

import structlog

from graphql_api.engine.engine import Engine
from graphql_api.providers.port import FinetuningProvider, ProviderFault
from graphql_api.store.database import StoreError
from graphql_api.store.periodic_tasks import Chores
from graphql_api.upkeep.status_sync import sync
from graphql_api.upkeep.sweep import sweep

log = structlog.get_logger(__name__)

SweepMode = Literal["on", "dry-run", "off"]

LONGEST_COUNT_S = 2
"""The longest wait of a metrics scrape for MongoDB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The chores over one provider, and their intervals in seconds."""

    engine: Engine
    provider: FinetuningProvider
    chores: Chores
    sweep_mode: SweepMode
    sweep_interval_s: float
    overdue_s: float

    async def do_due(self) -> bool:
        """Do every due chore not taken by another server; return whether there was one."""
        done = [
            await self._do("sync", self._sync, every_s=self.engine.timing.sync_interval_s),
            await self._do("watchdog", self._watch, every_s=min(self.overdue_s, self.sweep_interval_s)),
            self.sweep_mode != "off" and await self._do("sweep", self._sweep, every_s=self.sweep_interval_s),
        ]
        return any(done)

    async def _do(self, name: str, chore: Callable[[], Awaitable[None]], *, every_s: float) -> bool:
        if not await self.chores.take(name, every_s=every_s):
            return False
        try:
            await chore()
        except ProviderFault as fault:
            log.warning("a chore has to wait for the provider", chore=name, reason=fault.message)
        return True

    async def _sync(self) -> None:
        await sync(self.engine, self.provider)

    async def _sweep(self) -> None:
        await sweep(self.engine, self.provider, dry_run=self.sweep_mode == "dry-run")

    async def _watch(self) -> None:
        """Warn of every overdue cancel, each once."""
        while overdue := await self.engine.upkeep.mark_overdue(older_than_s=self.overdue_s):
            reason = overdue.cancellation and overdue.cancellation.last_error
            log.warning("a cancel is overdue", finetuning=str(overdue.id), reason=reason)


async def gauge_overdue(engine: Engine, *, overdue_s: float) -> None:
    """Update the gauge of overdue cancels; it is NaN if MongoDB does not answer."""
    try:
        async with asyncio.timeout(LONGEST_COUNT_S):
            count: float = await engine.upkeep.count_overdue(older_than_s=overdue_s)
    except (StoreError, TimeoutError):
        count = nan
    engine.metrics.overdue.set(count)
