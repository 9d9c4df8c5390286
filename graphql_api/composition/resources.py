"""Opens the server's resources, and closes them in reverse."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import structlog
from pydantic import SecretStr

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.access.gate import Gate
from graphql_api.accounts.opening import Accounts
from graphql_api.audit.log import AuditLog
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.composition.accounts import open_accounts, own_accounts
from graphql_api.composition.auditing import open_audit
from graphql_api.composition.authentication import open_gate
from graphql_api.composition.budgets import budgets_of
from graphql_api.composition.mongodb import open_database
from graphql_api.composition.series import begin_series
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.composition.worker import Worker
from graphql_api.engine.driving import work_once
from graphql_api.engine.engine import Engine, Timing
from graphql_api.errors import first_line
from graphql_api.following.change_feed import Feed
from graphql_api.store.change_log import ChangeLog
from graphql_api.store.change_stream import ChangeStream
from graphql_api.store.database import Database, reserved
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings, Noted
from graphql_api.store.many_finetunings import UpkeepStore
from graphql_api.store.periodic_tasks import Chores
from graphql_api.store.provider_accounts import AccountStore
from graphql_api.store.provider_log import ProviderLog
from graphql_api.turns import LoopTurns
from graphql_api.upkeep.log_sync import LogSync
from graphql_api.upkeep.rounds import AccountUpkeep, ListAccounts, Upkeep

if TYPE_CHECKING:
    from graphql_api.sandbox.openai import Sandbox, SandboxServer

log = structlog.get_logger(__name__)

SANDBOX_KEY = SecretStr("sk-local-demo")
UPKEEP_SLOTS = 4
"""How many chores of tenants' accounts one server does at once."""
LONGEST_CHORE_S = 60.0
"""The longest time of one: a tenant's endpoint may have a list without an end."""
SANDBOX_SYNC_INTERVAL_S = 1.0
"""The sandbox's jobs are short, and calls to it cost nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """All open resources; the last one is closed first."""

    database: Database
    gate: Gate
    budgets: Budgets = UNLIMITED
    audit: AuditLog | None = None
    mongod_watch: asyncio.Task[NoReturn] | None = None
    engine: Engine
    feed: Feed
    sql_check: SqlCheck
    worker: Worker
    upkeep: Worker
    upkeep_of_tenants: Worker | None = None
    log_sync: Worker
    provider_url: str | None
    turns: LoopTurns = field(default_factory=LoopTurns)
    sandbox: "Sandbox | None" = None

    async def until(self, stopped: asyncio.Event) -> None:
        """Wait for the event; after it no mongod is restarted.

        Raises ``StartError`` if the embedded mongod is lost before it.
        """
        waiting = asyncio.create_task(stopped.wait())
        watches = [] if self.mongod_watch is None else [self.mongod_watch]
        try:
            await asyncio.wait([waiting, *watches], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        for watch in watches:
            if watch.done() and not stopped.is_set():
                watch.result()
            watch.cancel()


@asynccontextmanager
async def open_resources(settings: Settings, *, sandbox: bool = False) -> AsyncIterator[Resources]:
    """Open MongoDB, the provider and the engine; raises ``StartError``."""
    async with AsyncExitStack() as stack:
        stand_in = await _sandbox(stack, settings) if sandbox else None
        if stand_in is not None:
            given = {"openai_api_key": SANDBOX_KEY, "openai_base_url": stand_in.base_url}
            settings = settings.model_copy(update=given)
        own = own_accounts(settings)
        stack.push_async_callback(own.close)
        opened, mongod_watch = await open_database(stack, settings)
        database = opened.database
        if opened.remark is not None:
            log.warning(opened.remark)
        gate = await open_gate(settings, stack)
        feed = Feed(ChangeStream(database))
        stack.push_async_callback(feed.close)
        sql_check = SqlCheck(settings.sql_check)
        stack.push_async_callback(sql_check.close)
        reserve = reserved(database)  # a flood of reads must not delay a cancel, a lease or the worker
        accounts = open_accounts(settings, own, AccountStore(reserve["provider_accounts"]))
        stack.push_async_callback(accounts.close)
        noted, of_deployment = ChangeLog().note, opened.deployment_id
        engine = _engine(settings, reserve, accounts, deployment=of_deployment, sandbox=sandbox, noted=noted)
        begin_series(engine.metrics)
        audit = await open_audit(stack, reserve, days=settings.audit_days, metrics=engine.metrics)
        yield Resources(
            database=database,
            gate=gate,
            budgets=await budgets_of(settings, database),
            audit=audit,
            mongod_watch=mongod_watch,
            engine=engine,
            feed=feed,
            sql_check=sql_check,
            worker=_worker(settings, engine),
            upkeep=_upkeep(settings, reserve, engine),
            upkeep_of_tenants=_upkeep_of_tenants(settings, reserve, engine),
            log_sync=_log_sync(settings, reserve, engine, noted=noted),
            provider_url=settings.openai_base_url,
            sandbox=None if stand_in is None else stand_in.sandbox,
        )


@asynccontextmanager
async def working(resources: Resources) -> AsyncIterator[None]:
    """Work and do the upkeep in the background; at the end, release all leases."""
    workers = (resources.worker, resources.upkeep, resources.upkeep_of_tenants, resources.log_sync)
    tasks = [asyncio.create_task(worker.run()) for worker in workers if worker is not None]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _worker(settings: Settings, engine: Engine) -> Worker:
    return Worker(partial(work_once, engine), slots=settings.worker_slots, idle_s=settings.worker_idle_s)


def _upkeep(settings: Settings, database: Database, engine: Engine) -> Worker:
    own = _account_upkeep(settings, database, engine, accounts=engine.accounts.own_keys)
    upkeep = Upkeep(own=own, overdue_s=settings.overdue_s)
    return Worker(upkeep.do_due, slots=1, idle_s=settings.worker_idle_s)


def _upkeep_of_tenants(settings: Settings, database: Database, engine: Engine) -> Worker:
    """Return the upkeep of tenants' accounts; it keeps no chore of the server's own account waiting."""
    upkeep = _account_upkeep(
        settings, database, engine, accounts=engine.accounts.keys_of_tenants, limit_s=LONGEST_CHORE_S
    )
    return Worker(upkeep.do_due, slots=UPKEEP_SLOTS, idle_s=settings.worker_idle_s)


def _account_upkeep(
    settings: Settings,
    database: Database,
    engine: Engine,
    *,
    accounts: ListAccounts,
    limit_s: float | None = None,
) -> AccountUpkeep:
    return AccountUpkeep(
        engine=engine,
        accounts=accounts,
        chores=Chores(database["chores"]),
        sweep_mode=settings.sweep,
        sweep_interval_s=settings.sweep_interval_s,
        limit_s=limit_s,
    )


def _log_sync(settings: Settings, database: Database, engine: Engine, *, noted: Noted) -> Worker:
    leased = LeasedFinetunings(database["finetunings"], owner="log", lease_s=settings.lease_s, noted=noted)
    log_sync = LogSync(engine=engine, log=ProviderLog(leased), chores=Chores(database["chores"]))
    return Worker(log_sync.do_due, slots=1, idle_s=settings.worker_idle_s)


def _engine(
    settings: Settings,
    database: Database,
    accounts: Accounts,
    *,
    deployment: str,
    sandbox: bool,
    noted: Noted,
) -> Engine:
    sync_interval_s = settings.sync_interval_s
    timing = Timing(
        lease_s=settings.lease_s,
        submit_limit_s=settings.openai_timeout_s,
        grace_s=settings.grace_s,
        sync_interval_s=min(sync_interval_s, SANDBOX_SYNC_INTERVAL_S) if sandbox else sync_interval_s,
        backoff_cap_s=settings.backoff_cap_s,
        cancel_budget_s=settings.cancel_budget_s,
    )
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    leased = LeasedFinetunings(database["finetunings"], owner=owner, lease_s=timing.lease_s, noted=noted)
    return Engine(
        store=FinetuningStore(leased),
        upkeep=UpkeepStore(leased),
        deployment_id=deployment,
        accounts=accounts,
        timing=timing,
        most_turns=max(1, settings.worker_slots // 2),
    )


async def _sandbox(stack: AsyncExitStack, settings: Settings) -> "SandboxServer":
    from graphql_api.embedded_mongod.data_directory import make_private
    from graphql_api.sandbox.openai import Sandbox, SandboxServer

    try:
        make_private(settings.data_dir)
        sandbox = Sandbox(state_file=settings.data_dir / "sandbox.json")
    except (OSError, ValueError) as unusable:
        raise StartError(f"DATA_DIR: the sandbox cannot keep its state: {first_line(unusable)}") from unusable
    return await stack.enter_async_context(SandboxServer(sandbox))
