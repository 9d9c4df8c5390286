"""A whole engine for one test, with Together AI's stand-in as its provider."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from graphql_api.accounts.opening import Accounts
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.providers.registry import Providers
from graphql_api.providers.together import TogetherProvider
from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.files import StoredFile
from graphql_api.sandbox.together import Account, Sandbox, SandboxServer
from graphql_api.sandbox.together.jobs import Job
from graphql_api.store.database import Database
from tests.world import TIMING, StoreClock, WorldOf, new_engine

MODEL = "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"
POLICY = ModelPolicy(default_model=MODEL, providers=("together",))


@dataclass(slots=True, kw_only=True)
class TogetherWorld(WorldOf[Sandbox]):
    """A world with the stand-in for Together AI."""

    policy: ModelPolicy = POLICY

    def jobs(self) -> list[Job]:
        """Return every job at the provider, oldest first."""
        return self.sandbox.account.jobs()

    def live_jobs(self) -> list[Job]:
        """Return the jobs at a cost now."""
        return [job for job in self.jobs() if not job.status.is_terminal]

    def files(self) -> list[StoredFile]:
        """Return every training file at the provider, oldest first."""
        return self.sandbox.account.files()


@asynccontextmanager
async def open_together_world(database: Database) -> AsyncIterator[TogetherWorld]:
    """Open every part, and close all of them."""
    clock = StoreClock()
    provider_clock = ManualClock(start_s=clock.now().timestamp())
    sandbox = Sandbox(account=Account(clock=provider_clock))
    async with SandboxServer(sandbox) as server:
        provider = TogetherProvider("tg-local-demo", server.base_url, call_timeout_s=60, upload_timeout_s=60)
        accounts = Accounts(Providers({"together": provider}))
        yield TogetherWorld(
            engine=new_engine(database, accounts, timing=TIMING, clock=clock),
            sandbox=sandbox,
            server=server,
            provider_clock=provider_clock,
            clock=clock,
            database=database,
        )
        await accounts.own.close()
