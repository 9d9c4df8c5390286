"""The stage: one server with keys, its MongoDB, its provider, an attacker's data and a bystander."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from beanie import PydanticObjectId

from benchmarks.processes import ServerProcess, running
from benchmarks.samples import KEY, open_documents, store_training, train
from graphql_api.access.endings import Endings
from graphql_api.access.keys import ApiKeys
from graphql_api.caller import DEFAULT_TENANT
from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.scopes import ALL_SCOPES, Scope
from graphql_api.store.database import Database, connect
from graphql_api.tenancy import TenantScope
from hostile.bystander import Bystander
from hostile.client import HOST, Attacker
from processes.child import ChildProcess
from processes.execution import execute

PEPPER = "a pepper of more than thirty-two characters"
ATTACKING = TenantScope("attackers")
ATTACKER_SCOPES = ALL_SCOPES - {Scope.ADMIN}
FILES = 1_000
"""The server's limit of open files: so a few sockets do what twenty thousand do elsewhere."""
LONGER_THAN_ANY_RUN_S = "86400"
QUIET = {"SYNC_INTERVAL_S": "3600", "SWEEP": "off"}
"""The background's own rounds are not what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much the attacker and the bystander have."""

    small_records: int = 20_000
    large_records: int = 100
    live: int = 1_000
    cancels: int = 400


@dataclass(slots=True, kw_only=True)
class Stage:
    """A running stage; each input gets a fresh key of the attacker's, so none pays for another."""

    server: ServerProcess
    bystander: Bystander
    keys: ApiKeys
    library: str
    database: Database
    prepared_at: datetime
    _to_cancel: list[str]
    _numbers: int = field(default=0)

    async def attacker(self) -> Attacker:
        """Return an attacker with a new key."""
        self._numbers += 1
        key, _ = await self.keys.issue(
            scope=ATTACKING, name=f"attacker {self._numbers}", scopes=ATTACKER_SCOPES, expires_at=None
        )
        return Attacker(port=self.server.port, key=key.text, library=self.library)

    def to_cancel(self, count: int) -> list[str]:
        """Return so many live finetunings of the bystander, each for one cancel."""
        taken, self._to_cancel = self._to_cancel[:count], self._to_cancel[count:]
        return taken

    async def restore(self) -> None:
        """Delete what the attacker has stored since the start, so that nothing works on it any more."""
        newer = {"tenant": ATTACKING.tenant, "created_at": {"$gt": self.prepared_at}}
        for name in ("finetunings", "golden_records"):
            await self.database[name].delete_many(newer)


@asynccontextmanager
async def open_stage(*, sizes: Sizes, settings: Mapping[str, str]) -> AsyncIterator[Stage]:
    """Start every part in a directory of its own; at the end all of it is gone."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graphql-api-hostile-")))
        mongod = await stack.enter_async_context(EmbeddedMongod(directory))
        database = (await stack.enter_async_context(connect(mongod.uri, timeout_s=30)))["hostile"]
        await open_documents(database)
        keys = ApiKeys(pepper=PEPPER.encode(), endings=Endings())

        async def start(name: str, *command: str, **given: str) -> ServerProcess:
            process = running(name, command, settings=given, directory=directory, starter=few_files)
            return await stack.enter_async_context(process)

        sandbox = await start(
            "sandbox", "graphql_api", "sandbox", "--port", "{port}", "--running-s", LONGER_THAN_ANY_RUN_S
        )
        to_cancel = await train(database, sandbox, sizes.cancels)
        library = await store_attackers_data(database, sizes=sizes)
        server = await start(
            "server",
            "graphql_api",
            "serve",
            AUTH="keys",
            KEY_PEPPER=PEPPER,
            MONGODB_URI=mongod.uri,
            MONGODB_DATABASE="hostile",
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=f"http://{HOST}:{sandbox.port}/v1",
            **{**QUIET, **settings},
        )
        key, _ = await keys.issue(
            scope=TenantScope(DEFAULT_TENANT), name="bystander", scopes=ALL_SCOPES, expires_at=None
        )
        bystander = await stack.enter_async_context(watching(server.port, key.text))
        yield Stage(
            server=server,
            bystander=bystander,
            keys=keys,
            library=library,
            database=database,
            prepared_at=datetime.now(UTC),
            _to_cancel=to_cancel,
        )


@asynccontextmanager
async def watching(port: int, key: str) -> AsyncIterator[Bystander]:
    """Yield a bystander in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hostile.bystander",
        str(port),
        key,
        cwd=Path(__file__).parents[1],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**22,
    )
    try:
        yield Bystander(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def few_files(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str], stdout: Path, stderr: Path
) -> ChildProcess:
    """Start the module in a new interpreter that may open ``FILES`` files."""
    line = ["/bin/sh", "-c", f'ulimit -n {FILES} && exec "$0" "$@"', sys.executable, "-m", *command]
    return execute(line, directory=directory, environment=environment, stdout=stdout, stderr=stderr)


async def store_attackers_data(database: Database, *, sizes: Sizes) -> str:
    """Store the attacker's records and live finetunings; return the id of a small library."""
    now = datetime.now(UTC)
    small, large = (_connection(alias, at=now) for alias in ("small", "large"))
    await DbConnection.insert_many([small, large])
    for start in range(0, sizes.small_records, 5_000):
        count = min(5_000, sizes.small_records - start)
        await GoldenRecord.insert_many(list(_records(small, start, count, size=20, at=now)))
    await GoldenRecord.insert_many(list(_records(large, 0, sizes.large_records, size=200_000, at=now)))
    jobs = {PydanticObjectId(): f"ftjob-live{number}" for number in range(sizes.live)}
    if jobs:
        await store_training(database, jobs)
        await database["finetunings"].update_many(
            {"finetuning_job_id": {"$in": list(jobs.values())}}, {"$set": {"tenant": ATTACKING.tenant}}
        )
    return str(small.id)


def _connection(alias: str, *, at: datetime) -> DbConnection:
    return DbConnection(
        tenant=ATTACKING.tenant,
        alias=alias,
        dialect="postgres",
        table_schemas=["CREATE TABLE a (id int)"],
        created_at=at,
        updated_at=at,
    )


def _records(
    connection: DbConnection, start: int, count: int, *, size: int, at: datetime
) -> Iterator[GoldenRecord]:
    for number in range(start, start + count):
        digest = sha256(f"{connection.id} {number}".encode()).hexdigest()
        yield GoldenRecord(
            tenant=ATTACKING.tenant,
            db_connection_id=connection.id,
            prompt_text=f"question {number} ".ljust(size, "x"),
            sql=f"SELECT {number}",
            digest=digest,
            exact_digest=digest,
            created_at=at,
            updated_at=at,
        )
