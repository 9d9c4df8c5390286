"""Periodic upkeep by one server: synchronisation, sweep, watchdog."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import nan
from typing import Literal

import structlog

from graphql_api.documents import AccountKey
from graphql_api.engine.engine import Engine
from graphql_api.providers.port import ProviderFault
from graphql_api.store.database import StoreError
from graphql_api.store.periodic_tasks import Chores
from graphql_api.upkeep.status_sync import sync
from graphql_api.upkeep.sweep import sweep

log = structlog.get_logger(__name__)

SweepMode = Literal["on", "dry-run", "off"]

LONGEST_COUNT_S = 2
"""The longest wait of a metrics scrape for MongoDB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Some work of the upkeep, to be done by one server in each interval."""

    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]


ListAccounts = Callable[[], Awaitable[Sequence[AccountKey]]]
"""Returns the accounts with chores now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpkeep:
    """The chores of provider accounts: each account has its own. Intervals and the limit are in seconds.

    With a ``limit_s``, no chore takes longer; the next round goes on.
    """

    engine: Engine
    accounts: ListAccounts
    chores: Chores
    sweep_mode: SweepMode
    sweep_interval_s: float
    limit_s: float | None = None
    under_way: set[str] = field(default_factory=set)
    """The chores that this server does now; one may take longer than its interval."""

    async def do_due(self) -> bool:
        """Do every due chore not taken by another server; return whether there was one."""
        return await self.do(await self.every())

    async def every(self) -> list[Chore]:
        """Return the chores of all accounts, due or not."""
        accounts = await self.accounts()
        shuffled = self.engine.random.sample(accounts, len(accounts))  # so that none is always the last
        return [chore for account in shuffled for chore in self._of(account)]

    async def do(self, every: Sequence[Chore]) -> bool:
        """Do the due ones of these chores; return whether there was one."""
        if not every:
            return False
        due = await self.chores.due({chore.name: chore.every_s for chore in every})
        done = [await self._do(one) for one in every if one.name in due and one.name not in self.under_way]
        return any(done)

    def _of(self, account: AccountKey) -> Iterable[Chore]:
        interval_s = self.engine.timing.sync_interval_s
        yield Chore(name=f"sync {account}", every_s=interval_s, work=partial(self._sync, account))
        if self.sweep_mode != "off":
            interval_s = self.sweep_interval_s
            yield Chore(name=f"sweep {account}", every_s=interval_s, work=partial(self._sweep, account))

    async def _do(self, chore: Chore) -> bool:
        self.under_way.add(chore.name)
        limit = asyncio.timeout(self.limit_s)
        try:
            if not await self.chores.take(chore.name, every_s=chore.every_s):
                return False
            async with limit:
                await chore.work()
        except ProviderFault as fault:
            log.warning("a chore has to wait for the provider", chore=chore.name, reason=fault.message)
        except TimeoutError:
            if not limit.expired():
                raise
            log.warning("a chore was broken off", chore=chore.name, limit_s=self.limit_s)
        finally:
            self.under_way.discard(chore.name)
        return True

    async def _sync(self, account: AccountKey) -> None:
        await sync(self.engine, await self.engine.account(account))

    async def _sweep(self, account: AccountKey) -> None:
        opened = await self.engine.account(account)
        await sweep(self.engine, opened, dry_run=self.sweep_mode == "dry-run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The chores of the server's own accounts, and the watch over all cancels.

    A cancel is overdue after ``overdue_s`` seconds.
    """

    own: AccountUpkeep
    overdue_s: float

    async def do_due(self) -> bool:
        """Do every due chore not taken by another server; return whether there was one."""
        every_s = min(self.overdue_s, self.own.sweep_interval_s)
        watch = Chore(name="watchdog", every_s=every_s, work=self._watch)
        return await self.own.do([watch, *await self.own.every()])

    async def _watch(self) -> None:
        """Warn of every overdue cancel, each once."""
        upkeep = self.own.engine.upkeep
        while overdue := await upkeep.mark_overdue(older_than_s=self.overdue_s):
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
