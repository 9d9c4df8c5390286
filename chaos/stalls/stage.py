"""The processes of a stall.

They are a MongoDB that can stand still, a provider that cannot, and one server over both.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from chaos.ports import free_port
from chaos.replica_set import MEMBERS, ReplicaSet, command, initiate, observer, uri
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.sandbox.openai import Account, Durations, Sandbox, SandboxServer
from processes.child import ChildProcess
from processes.environment import environment
from processes.execution import execute

START_S = 60.0
STOP_S = 60.0
POLL_S = 0.1
IMPATIENT = {"OPENAI_TIMEOUT_S": "4", "OPENAI_UPLOAD_TIMEOUT_S": "8", "LEASE_S": "10", "GRACE_S": "10"}
"""An abandoned claim holds a finetuning for a lease: not for a minute here."""
CONNECTIONS = httpx2.Limits(max_connections=None, max_keepalive_connections=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server in a process of its own."""

    process: ChildProcess
    log: Path
    url: str
    http: httpx2.AsyncClient

    def errors(self) -> list[str]:
        """Return its logged errors, each with the last line of its traceback."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        wrong = [line for line in lines if line["level"] in {"error", "critical"}]
        return [f"{line['event']}: {line.get('exception', '').rstrip()[-200:]}" for line in wrong]

    async def stop(self) -> tuple[int | None, float]:
        """Send SIGTERM; return the exit code, ``None`` if it is late, and the seconds it took."""
        asked = time.monotonic()
        self.process.send(signal.SIGTERM)
        with suppress(TimeoutError):
            await self.process.exit_code(within_s=STOP_S)
        return self.process.poll(), time.monotonic() - asked


@dataclass(slots=True)
class Halt:
    """Processes that stand still for the time of an ``async with``, at least for so many seconds."""

    pids: Sequence[int]
    seconds: float
    _since: float = field(init=False)

    async def __aenter__(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)
        self._since = time.monotonic()

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.sleep(self._since + self.seconds - time.monotonic())
        finally:
            for pid in self.pids:
                os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def one_mongod(directory: Path) -> AsyncIterator[tuple[str, int]]:
    """Yield the URI of a MongoDB and its only process."""
    async with EmbeddedMongod(directory) as mongod:
        yield mongod.uri, mongod.pid


@asynccontextmanager
async def three_mongods(directory: Path) -> AsyncIterator[tuple[str, int]]:
    """Yield the URI of a replica set and the process of its primary."""
    ports = [free_port() for _ in range(MEMBERS)]
    lines = [command(directory / str(port), port=port) for port in ports]
    members = [execute(one, directory=directory, environment=os.environ) for one in lines]
    try:
        await initiate(ports)
        async with observer(ports) as client:
            primary = await ReplicaSet(members={}, client=client).primary()
        yield uri(ports), members[ports.index(primary)].pid
    finally:
        for member in members:
            await member.kill(within_s=STOP_S)


@asynccontextmanager
async def served(
    mongodb: str, directory: Path, *, settings: Mapping[str, object], source: Path
) -> AsyncIterator[Served]:
    """Yield a server over this MongoDB and a provider of its own; ``source`` is the version to run."""
    async with AsyncExitStack() as stack:
        durations = Durations(queued_s=0, validating_s=0, running_s=3600)
        sandbox = SandboxServer(Sandbox(account=Account(durations=durations)))
        provider = await stack.enter_async_context(sandbox)
        given = {
            "MONGODB_URI": mongodb,
            "OPENAI_API_KEY": "sk-stalls",
            "OPENAI_BASE_URL": provider.base_url,
            "PORT": "0",
            "LOG_FORMAT": "json",
            "SQL_CHECK": "off",
            **IMPATIENT,
            **settings,
        }
        log = directory / "server.log"
        process = execute(
            [sys.executable, "-m", "graphql_api", "serve"],
            directory=source,
            environment=environment(given, measured=True),
            stdout=log,
            stderr=log,
        )
        stack.push_async_callback(process.kill, within_s=STOP_S)
        http = await stack.enter_async_context(
            httpx2.AsyncClient(timeout=START_S, trust_env=False, limits=CONNECTIONS)
        )
        yield Served(process=process, log=log, url=await _url(process, log), http=http)


async def _url(process: ChildProcess, log: Path) -> str:
    async with asyncio.timeout(START_S):
        while (url := _url_in(log)) is None:
            if process.poll() is not None:
                raise RuntimeError(f"the server did not start, see {log}")
            await asyncio.sleep(POLL_S)
    return url


def _url_in(log: Path) -> str | None:
    for line in log.read_text().splitlines():
        if '"event": "serving"' in line:
            return str(json.loads(line)["graphql"]).removesuffix("/graphql")
    return None
