"""All processes of a benchmark.

They are MongoDB, the sandbox, two servers, and two bare ones.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.load import Request, authorized
from benchmarks.processes import HOST, ServerProcess, running
from benchmarks.samples import KEY, issue_key, open_documents
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.store.database import Database, connect
from processes.execution import interpret
from processes.starter import Starter

DATABASE = "benchmark"
LONGER_THAN_ANY_RUN_S = "86400"
PEPPER = "the pepper of a benchmark's only key"
SECURED = {"AUTH": "keys", "KEY_PEPPER": PEPPER, "RATE_LIMIT": "1000000000/minute"}
"""The budget is counted, and never used up."""
NO_ROUNDS = {"SYNC_INTERVAL_S": "86400", "SWEEP_INTERVAL_S": "86400"}
"""One round of the worker reads all live jobs, a whole round's of a rival: it falls on a server by chance."""


class MakeRequest(Protocol):
    """Makes one request, for a bare server or for ours."""

    def __call__(self, *, bare: bool) -> Request:
        """Return the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The parts of a run.

    ``secured`` is a second server, which wants ``key``; ``control`` is a second bare one, for how much two
    equal ones differ.
    """

    database: Database
    sandbox: ServerProcess
    key: str
    server: ServerProcess
    secured: ServerProcess
    bare: ServerProcess
    control: ServerProcess

    def request(self, rival: ServerProcess, make: MakeRequest) -> Request:
        """Return the request in this server's form, with the key if it wants one."""
        one = make(bare=rival in (self.bare, self.control))
        return authorized(one, key=self.key) if rival is self.secured else one

    @property
    def rivals(self) -> tuple[ServerProcess, ...]:
        """The measured servers."""
        return self.server, self.secured, self.bare, self.control


@asynccontextmanager
async def open_stage(starter: Starter = interpret) -> AsyncIterator[Stage]:
    """Start every part in a directory of its own; at the end all of it is gone.

    A measurement runs in a new interpreter with memory of its own; a check without measurement may fork.
    """
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graphql-api-benchmark-")))
        mongod = await stack.enter_async_context(EmbeddedMongod(directory))
        database = (await stack.enter_async_context(connect(mongod.uri, timeout_s=10)))[DATABASE]
        await open_documents(database)

        async def start(name: str, *command: str, **settings: str) -> ServerProcess:
            process = running(name, command, settings=settings, directory=directory, starter=starter)
            return await stack.enter_async_context(process)

        sandbox = await start(
            "sandbox", "graphql_api", "sandbox", "--port", "{port}", "--running-s", LONGER_THAN_ANY_RUN_S
        )
        same = {
            "MONGODB_URI": mongod.uri,
            "MONGODB_DATABASE": DATABASE,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": f"http://{HOST}:{sandbox.port}/v1",
            **NO_ROUNDS,
        }
        yield Stage(
            database=database,
            sandbox=sandbox,
            key=await issue_key(PEPPER),
            server=await start("server", "graphql_api", "serve", **same, AUDIT_DAYS="0"),
            secured=await start("secured", "graphql_api", "serve", **same, **SECURED),
            bare=await start("bare", "benchmarks.bare", **same),
            control=await start("control", "benchmarks.bare", **same),
        )
