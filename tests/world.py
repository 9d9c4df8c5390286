"""A whole engine for one test.

It has a real MongoDB, the real SDK, the sandbox, and clocks moved by the test alone.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Generic, TypeVar

from beanie import PydanticObjectId

from graphql_api.accounts.opening import Accounts, Line
from graphql_api.accounts.vault import Credential, Vault
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.catalogue.db_connections import NewDbConnection, create_db_connection
from graphql_api.catalogue.golden_records import NewGoldenRecord, add_golden_records
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import AccountKey, DbConnection, Finetuning, GoldenRecord, ProviderAccount
from graphql_api.engine.driving import work_once
from graphql_api.engine.engine import Account as OpenedAccount
from graphql_api.engine.engine import Engine, Timing
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.finetunings.cancel import cancel
from graphql_api.finetunings.create import CreateRequest, create
from graphql_api.providers.openai import OpenAIProvider, Sent
from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.port import FinetuningProvider
from graphql_api.providers.registry import Providers
from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.faults import Fault
from graphql_api.sandbox.files import StoredFile
from graphql_api.sandbox.openai import SandboxServer
from graphql_api.sandbox.openai.account import Account
from graphql_api.sandbox.openai.jobs import Job
from graphql_api.sandbox.openai.sandbox import Sandbox
from graphql_api.sandbox.server import StandInServer
from graphql_api.sandbox.stand_in import StandIn
from graphql_api.store.database import Database
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.store.many_finetunings import UpkeepStore
from graphql_api.store.provider_accounts import AccountStore

TIMING = Timing(cancel_budget_s=2)
POLICY = ModelPolicy(default_model="gpt-4.1-mini-2025-04-14")
DEPLOYMENT = "a-deployment"
UNCHECKED = SqlCheck("off")
OPENAI = AccountKey("openai")
"""The server's own account."""
CREDENTIAL_KEY = "a" * 43 + "="
"""A key of 32 bytes, as the vault takes it."""
TABLE = "CREATE TABLE author (aid bigint, name text)"


START = datetime(2126, 1, 1, tzinfo=UTC)
"""A store clock's first time. It lies ahead, because MongoDB removes what expired by its own clock."""


class StoreClock:
    """The store's time; it stands still between a test's moves."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        """Return the time reached by ``advance``."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.time += timedelta(seconds=seconds)


Kind = TypeVar("Kind", bound=StandIn)


@dataclass(slots=True, kw_only=True)
class WorldOf(Generic[Kind]):
    """The parts, and the tests' handles on them, with any provider's stand-in."""

    engine: Engine
    sandbox: Kind
    server: StandInServer[Kind]
    provider_clock: ManualClock
    clock: StoreClock
    database: Database
    caller: Caller = field(default=ANONYMOUS)
    policy: ModelPolicy = POLICY

    @property
    def provider(self) -> FinetuningProvider:
        """The server's own account, opened."""
        return self.engine.accounts.own.named("openai")

    @property
    def account(self) -> OpenedAccount:
        """The server's own account for upkeep."""
        return OpenedAccount(OPENAI, self.provider)

    def advance(self, seconds: float) -> None:
        """Let time pass for everyone."""
        self.clock.advance(seconds)
        self.provider_clock.advance(seconds)

    async def connection(self, *, golden_records: int = 10) -> DbConnection:
        """Store a connection with golden records."""
        given = NewDbConnection(alias="library", dialect="postgres", table_schemas=[TABLE])
        connection = await create_db_connection(given, caller=self.caller)
        if golden_records:
            await add_golden_records(
                str(connection.id), examples(golden_records), caller=self.caller, sql_check=UNCHECKED
            )
        return connection

    async def create(self, **given: object) -> Finetuning:
        """Create a finetuning, on a connection of its own if none is given."""
        if "db_connection_id" not in given:
            given["db_connection_id"] = str((await self.connection()).id)
        request = CreateRequest(**given)  # type: ignore[arg-type]  # a test may give anything
        return await create(request, caller=self.caller, policy=self.policy, engine=self.engine)

    async def created_and_training(self, **given: object) -> Finetuning:
        """Create a finetuning and let the worker see it through to a running provider job."""
        finetuning = await self.create(**given)
        await self.work()
        self.advance(30)
        await self.work()
        return await self.read(finetuning)

    async def cancel(self, finetuning: Finetuning | str, metadata: object = None) -> Finetuning:
        """Cancel as the world's caller."""
        finetuning_id = finetuning if isinstance(finetuning, str) else str(finetuning.id)
        return await cancel(finetuning_id, metadata=metadata, caller=self.caller, engine=self.engine)

    async def work(self) -> int:
        """Let the worker do everything due now, and return the number of its turns."""
        turns = 0
        while await work_once(self.engine):
            turns += 1
        return turns

    async def drain(self, *, seconds: float = 1200, step_s: float = 5) -> None:
        """Let the worker work as time passes."""
        for _ in range(int(seconds / step_s)):
            await self.work()
            self.advance(step_s)

    async def read(self, finetuning: Finetuning) -> Finetuning:
        """Return the finetuning as it is stored."""
        stored = await Finetuning.get(finetuning.id)
        assert stored is not None
        return stored

    def fault(self, fault: Fault) -> None:
        """Let the provider's next fitting call go wrong."""
        self.sandbox.faults.add(fault)

    def calls(self, operation: str) -> int:
        """Return how many calls of this kind the provider has seen."""
        return len(self.sandbox.calls.find(operation))

    async def seen(self, operation: str) -> None:
        """Let all others run up to the provider's next call of this kind."""
        before = self.calls(operation)
        while self.calls(operation) == before:  # noqa: ASYNC110 - the sandbox announces nothing
            await asyncio.sleep(0)

    async def applied(self, operation: str, *, calls: int) -> None:
        """Let all others run up to so many calls of this kind, carried out by the provider."""
        while len(self.sandbox.calls.find(operation, applied=True)) < calls:
            await self.sandbox.calls.changed.wait()

    async def golden_record_ids(self, connection: DbConnection) -> list[PydanticObjectId]:
        """Return the ids of the connection's golden records, oldest first."""
        return [one.id for one in await GoldenRecord.find({"db_connection_id": connection.id}).to_list()]


@dataclass(slots=True, kw_only=True)
class World(WorldOf[Sandbox]):
    """A world with the stand-in for OpenAI."""

    def jobs(self) -> list[Job]:
        """Return every job at the provider, oldest first."""
        return self.sandbox.account.jobs()[::-1]

    def live_jobs(self) -> list[Job]:
        """Return the jobs at a cost now."""
        return [job for job in self.jobs() if not job.status.is_terminal]

    def files(self) -> list[StoredFile]:
        """Return every training file at the provider, oldest first."""
        return [file for file in self.sandbox.account.files() if file.purpose == "fine-tune"]


def examples(count: int) -> list[NewGoldenRecord]:
    """Return as many different golden records."""
    return [
        NewGoldenRecord(
            prompt_text=f"Which author has id {n}?",
            sql=f"SELECT name FROM author WHERE aid = {n}",  # noqa: S608 - training text, never run
        )
        for n in range(count)
    ]


@asynccontextmanager
async def open_world(
    database: Database, *, timing: Timing = TIMING, call_timeout_s: float = 2
) -> AsyncIterator[World]:
    """Open every part, and close all of them."""
    clock = StoreClock()
    provider_clock = ManualClock(start_s=clock.now().timestamp())
    sandbox = Sandbox(account=Account(clock=provider_clock))
    async with SandboxServer(sandbox) as server:
        provider = OpenAIProvider(
            "sk-local-demo", server.base_url, call_timeout_s=call_timeout_s, upload_timeout_s=call_timeout_s
        )
        accounts = Accounts(
            Providers({"openai": provider}),
            store=AccountStore(database["provider_accounts"]),
            vault=Vault([CREDENTIAL_KEY]),
            makers={"openai": partial(_made, server=server, call_timeout_s=call_timeout_s)},
            guard=OutboundGuard(allowed_hosts=["127.0.0.1"]),
        )
        engine = new_engine(database, accounts, timing=timing, clock=clock)
        yield World(
            engine=engine,
            sandbox=sandbox,
            server=server,
            provider_clock=provider_clock,
            clock=clock,
            database=database,
        )
        await accounts.close()
        await accounts.own.close()


def _made(
    account: ProviderAccount,
    credential: Credential,
    line: Line,
    *,
    server: SandboxServer,
    call_timeout_s: float,
) -> OpenAIProvider:
    """Return the client of a tenant's account; without an address it is at the same sandbox."""
    return OpenAIProvider(
        credential.api_key,
        account.base_url or server.base_url,
        sent=Sent(headers=credential.headers),
        guard=line.guard,
        call_timeout_s=call_timeout_s,
        upload_timeout_s=call_timeout_s,
    )


def new_engine(
    database: Database, accounts: Accounts, *, timing: Timing, clock: StoreClock, owner: str = "tests"
) -> Engine:
    """Return one more engine, as another server process would have it."""
    leased = LeasedFinetunings(database["finetunings"], owner=owner, lease_s=timing.lease_s, now=clock.now)
    return Engine(
        store=FinetuningStore(leased),
        upkeep=UpkeepStore(leased),
        deployment_id=DEPLOYMENT,
        accounts=accounts,
        timing=timing,
        random=Random(7),
    )
