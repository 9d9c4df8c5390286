"""All processes of a benchmark.

They are MongoDB, the sandbox, the server, and two bare servers.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import HOST, ServerProcess, running
from benchmarks.samples import KEY, open_documents
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.store.database import Database, connect
from processes.execution import interpret
from processes.starter import Starter

DATABASE = "benchmark"
LONGER_THAN_ANY_RUN_S = "86400"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The parts of a run; ``control`` is a second bare server, for how much two equal ones differ."""

    database: Database
    sandbox: ServerProcess
    server: ServerProcess
    bare: ServerProcess
    control: ServerProcess

    @property
    def rivals(self) -> tuple[ServerProcess, ServerProcess, ServerProcess]:
        """The measured servers."""
        return self.server, self.bare, self.control


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
        }
        yield Stage(
            database=database,
            sandbox=sandbox,
            server=await start("server", "graphql_api", "serve", **same),
            bare=await start("bare", "benchmarks.bare", **same),
            control=await start("control", "benchmarks.bare", **same),
        )
