"""One deployment for one test.

It has the sandbox in the test's own process, a database, and servers to be killed over both.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from bson import ObjectId
from pymongo import AsyncMongoClient

from graphql_api.sandbox.openai import Account, Call, Durations, Fault, Sandbox, SandboxServer
from graphql_api.sandbox.openai.jobs import Job
from processes.nursery import Nursery
from tests.processes.client import Answer, Client, http_client
from tests.processes.command import API_KEY, Command, Commands, forked
from tests.processes.patience import DEADLINE_S

IMPATIENT = {
    "openai_timeout_s": 0.8,
    "openai_upload_timeout_s": 1,
    "lease_s": 1.7,
    "grace_s": 2,
    "sync_interval_s": 0.2,
    "backoff_cap_s": 0.2,
    "cancel_budget_s": 0.4,
    "worker_idle_s": 0.1,
}
"""Every wait is cut to the least of a busy machine, for a round of seconds."""
PATIENT = {
    "openai_timeout_s": 20,
    "openai_upload_timeout_s": 20,
    "lease_s": 41,
    "grace_s": 21,
    "cancel_budget_s": 20,
}
"""For tests without a wait for a lease: no time limit gets in the way on a busy machine."""


@dataclass(slots=True, kw_only=True)
class Deployment:
    """The parts of a deployment, and the facts true of it after any kill."""

    sandbox: Sandbox
    provider: SandboxServer
    http: httpx2.AsyncClient
    commands: Commands
    settings: dict[str, object]

    @property
    def servers(self) -> list[Command]:
        """Every server started, the first one first."""
        return self.commands.started

    async def start(self, *, nursery: Nursery | None = None, port: int | None = None) -> Client:
        """Start one more server, from this nursery and on this port if given, and return a client of it."""
        starter = self.commands.starter if nursery is None else nursery.fork
        server = replace(self.commands, starter=starter).start("serve", port=port or 0, **self.settings)
        return Client(self.http, await server.url())

    async def kill(self) -> None:
        """``kill -9`` every server."""
        for server in self.servers:
            await server.kill()
            server.check_secrets()

    async def training(self, client: Client, connection: str) -> Answer:
        """Create a finetuning and return it as soon as the provider trains it."""
        created = await client.create(connection)
        return await client.becomes(created["id"], "RUNNING")

    async def seen(self, operation: str, *, applied: bool | None = None) -> Call:
        """Return the provider's first open call of this kind, as soon as there is one."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.sandbox.calls.wait_for(operation, applied=applied, ended=False)

    async def stored(self, finetuning_id: str) -> dict[str, Any]:
        """Return the finetuning as MongoDB has it."""
        uri, database = (str(self.settings[name]) for name in ("mongodb_uri", "mongodb_database"))
        async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True) as client:
            found = await client[database]["finetunings"].find_one({"_id": ObjectId(finetuning_id)})
        assert found is not None
        return found

    def fault(self, fault: Fault) -> None:
        """Let the provider's next fitting call go wrong."""
        self.sandbox.faults.add(replace(fault))  # a script uses its faults up, a parameter is used again

    def jobs_of(self, finetuning_id: str) -> list[Job]:
        """Return the provider's jobs for this finetuning."""
        return [job for job in self.sandbox.account.jobs() if finetuning_id in (job.metadata or {}).values()]

    def live_jobs(self) -> list[Job]:
        """Return the jobs at a cost now."""
        return [job for job in self.sandbox.account.jobs() if not job.status.is_terminal]

    def training_files(self) -> list[str]:
        """Return the names of the training files at the provider."""
        return [file.filename for file in self.sandbox.account.files() if file.purpose == "fine-tune"]


@asynccontextmanager
async def open_deployment(mongodb_uri: str, nursery: Nursery, directory: Path) -> AsyncIterator[Deployment]:
    """Yield a deployment with a database of its own; at the end every server is killed and the data gone."""
    sandbox = Sandbox(account=Account(durations=Durations(queued_s=0, validating_s=0, running_s=3600)))
    database = f"processes_{uuid4().hex}"
    async with SandboxServer(sandbox) as provider, http_client() as http:
        where = {"mongodb_uri": mongodb_uri, "mongodb_database": database}
        credentials = {"openai_api_key": API_KEY, "openai_base_url": provider.base_url}
        deployment = Deployment(
            sandbox=sandbox,
            provider=provider,
            http=http,
            commands=forked(nursery, directory, measured=False),
            settings={**IMPATIENT, **where, **credentials},
        )
        try:
            yield deployment
        finally:
            await deployment.commands.end()
            async with AsyncMongoClient[dict[str, object]](mongodb_uri) as client:
                await client.drop_database(database)
