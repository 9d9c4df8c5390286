"""All processes of a run, under supervision.

They are the replica set, the provider, servers and workers.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from chaos.embedded import embedded_uri
from chaos.plan import IMPATIENT, Plan
from chaos.ports import free_port
from chaos.replica_set import MEMBERS, ReplicaSet, command, initiate, observer, uri
from chaos.supervision import POLL_S, Service
from graphql_api.embedded_mongod.directory_lock import directory_lock
from graphql_api.store.database import Database, connect
from processes.environment import environment
from processes.nursery import Nursery

DATABASE = "chaos"
DATA = "data"
OBSERVER_TIMEOUT_S = 5.0
READY_S = 40.0
CLIENT_TIMEOUT_S = 10.0
RESTART_S = (0.1, 0.8)
MEMBER_RESTART_S = (1.5, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The running parts; ``replicas`` are those of a deployment without an embedded MongoDB."""

    directory: Path
    http: httpx2.AsyncClient
    replicas: ReplicaSet | None
    mongodb_uri: Callable[[], str]
    services: Sequence[Service]
    urls: Sequence[str]
    sandbox_url: str

    @property
    def state_file(self) -> Path:
        """Where the provider keeps its jobs."""
        return self.directory / "provider.json"

    @property
    def journal(self) -> Path:
        """Where the provider writes its calls down."""
        return self.directory / "calls.jsonl"

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Open the servers' database, at its present address."""
        async with connect(self.mongodb_uri(), timeout_s=OBSERVER_TIMEOUT_S) as client:
            yield client[DATABASE]

    async def ready(self) -> None:
        """Wait until every part is up; raises ``TimeoutError`` if one does not come."""
        if self.replicas is not None:
            await self.replicas.wait_until_whole()
            await self.replicas.primary()
        async with asyncio.timeout(READY_S):
            for service in self.services:
                while not await self._is_ready(service):
                    await asyncio.sleep(POLL_S)

    async def _is_ready(self, service: Service) -> bool:
        if not service.is_running or not service.log.exists():
            return False
        if service.kind == "worker":
            return '"event": "working"' in service.log.read_text()
        number = int(service.name.rpartition("-")[2])
        url = self.sandbox_url if service.kind == "provider" else f"{self.urls[number]}/readyz"
        try:
            return (await self.http.get(url)).status_code == 200
        except httpx2.TransportError:
            return False


@asynccontextmanager
async def open_stage(plan: Plan) -> AsyncIterator[Stage]:
    """Start every part over a replica set, in a directory of its own; at the end all of it is gone."""
    async with AsyncExitStack() as stack:
        starter = await _starter(stack, plan)
        ports = [free_port() for _ in range(MEMBERS)]
        members = {port: starter.member(number, port) for number, port in enumerate(ports)}
        await initiate(ports)
        client = await stack.enter_async_context(observer(ports))
        replicas = ReplicaSet(members=members, client=client)
        where = {"MONGODB_URI": uri(ports)}
        yield await _opened(stack, starter, where, replicas=replicas, mongodb_uri=lambda: uri(ports))


@asynccontextmanager
async def open_embedded_stage(plan: Plan) -> AsyncIterator[Stage]:
    """Start a server on its embedded mongod, and the provider, in the same way."""
    async with AsyncExitStack() as stack:
        starter = await _starter(stack, plan)
        data_dir = starter.directory / DATA
        yield await _opened(
            stack, starter, {"DATA_DIR": data_dir}, replicas=None, mongodb_uri=lambda: embedded_uri(data_dir)
        )


async def _starter(stack: AsyncExitStack, plan: Plan) -> "_Starter":
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="graphql-api-chaos-")))
    starter = _Starter(plan=plan, directory=directory, nursery=stack.enter_context(Nursery()))
    stack.push_async_callback(starter.end)
    return starter


async def _opened(
    stack: AsyncExitStack,
    starter: "_Starter",
    where: Mapping[str, object],
    *,
    replicas: ReplicaSet | None,
    mongodb_uri: Callable[[], str],
) -> Stage:
    """Start the provider, the servers and the workers over a MongoDB, and return all once it is ready."""
    http = await stack.enter_async_context(
        httpx2.AsyncClient(timeout=CLIENT_TIMEOUT_S, trust_env=False, limits=httpx2.Limits())
    )
    sandbox_port, server_ports = free_port(), [free_port() for _ in range(starter.plan.servers)]
    stage = Stage(
        directory=starter.directory,
        http=http,
        replicas=replicas,
        mongodb_uri=mongodb_uri,
        services=starter.services(where, sandbox_port=sandbox_port, server_ports=server_ports),
        urls=[f"http://127.0.0.1:{port}" for port in server_ports],
        sandbox_url=f"http://127.0.0.1:{sandbox_port}/sandbox",
    )
    await stage.ready()
    return stage


class _Starter:
    """Starts services under supervision, and ends them all."""

    def __init__(self, *, plan: Plan, directory: Path, nursery: Nursery) -> None:
        self.plan = plan
        self.directory = directory
        self._nursery = nursery
        self._services: list[Service] = []
        self._tasks: list[asyncio.Task[None]] = []

    def member(self, number: int, port: int) -> Service:
        """Start a member of the replica set."""
        mongod = command(self.directory / f"mongodb-{number}", port=port)
        return self._service("member", number, lambda _: mongod, restart_s=MEMBER_RESTART_S)

    def services(
        self, where: Mapping[str, object], *, sandbox_port: int, server_ports: Sequence[int]
    ) -> list[Service]:
        """Start the provider, the servers and the workers, with MongoDB's address as a setting."""
        settings = {
            **IMPATIENT,
            **where,
            "MONGODB_DATABASE": DATABASE,
            "OPENAI_API_KEY": "sk-chaos",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{sandbox_port}/v1",
            "LOG_FORMAT": "json",
        }
        files = [str(self.directory / name) for name in ("provider.json", "calls.jsonl")]
        provided, seed = ["chaos.provider", str(sandbox_port), *files], self.plan.seed
        servers = [
            self._service("server", number, lambda _: ["graphql_api", "serve"], {**settings, "PORT": port})
            for number, port in enumerate(server_ports)
        ]
        workers = [
            self._service("worker", number, lambda _: ["graphql_api", "worker"], settings)
            for number in range(self.plan.workers)
        ]
        provider = self._service(
            "provider",
            0,
            lambda start: [*provided, f"{seed}:provider:{start}"],
        )
        return [provider, *servers, *workers]

    async def end(self) -> None:
        """Kill every process and wait for the end of all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for service in self._services:
            service.kill()
        while any(service.is_running for service in self._services):
            await asyncio.sleep(POLL_S)
        if (data_dir := self.directory / DATA).exists():
            async with directory_lock(data_dir):  # the mongod of a killed server holds it up to its own end
                pass

    def _service(
        self,
        kind: str,
        number: int,
        command_of: Callable[[int], list[str]],
        settings: dict[str, object] | None = None,
        *,
        restart_s: tuple[float, float] = RESTART_S,
    ) -> Service:
        name = f"{kind}-{number}"
        random = self.plan.random(name)

        def start(log: Path) -> int:
            child = self._nursery.fork(
                command_of(service.starts),
                directory=self.directory,
                environment=environment(settings or {}),
                stdout=log,
                stderr=log,
            )
            return child.pid

        service = Service(
            name=name,
            kind=kind,
            directory=self.directory,
            start=start,
            pause_s=lambda: random.uniform(*restart_s),
        )
        self._services.append(service)
        self._tasks.append(asyncio.create_task(service.run()))
        return service
