"""Three real mongods as one replica set.

Each member can be killed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from chaos.ports import free_port
from chaos.replica_set import MEMBERS, ReplicaSet, command, initiate, uri
from graphql_api.embedded_mongod.lifeline import tied_to_this_process
from graphql_api.store.database import connect

TIMEOUT_S = 3.0
"""How long anyone here waits for MongoDB."""


@dataclass(slots=True, kw_only=True)
class Replicas:
    """The running members."""

    ports: list[int]
    processes: dict[int, asyncio.subprocess.Process]

    async def secondaries(self) -> list[asyncio.subprocess.Process]:
        """Return the processes of all but the primary."""
        async with connect(uri(self.ports), timeout_s=TIMEOUT_S) as client:
            primary = await ReplicaSet(members={}, client=client).primary()
        return [process for port, process in self.processes.items() if port != primary]

    async def be_patient(self) -> None:
        """Let the primary stay one for long though it hears nothing of the others."""
        async with connect(uri(self.ports), timeout_s=TIMEOUT_S) as client:
            config = (await client.admin.command("replSetGetConfig"))["config"]
            config["settings"]["electionTimeoutMillis"] = 60_000
            config["version"] += 1
            await client.admin.command("replSetReconfig", config)

    async def kill_primary(self) -> None:
        """``kill -9`` the primary; the other two elect another one."""
        async with connect(uri(self.ports), timeout_s=TIMEOUT_S) as client:
            primary = self.processes[await ReplicaSet(members={}, client=client).primary()]
        primary.kill()
        await primary.wait()


@asynccontextmanager
async def replica_set(directory: Path) -> AsyncIterator[Replicas]:
    """Yield a running replica set, and end it."""
    ports = [free_port() for _ in range(MEMBERS)]
    processes = {}
    for number in ports:
        line = tied_to_this_process(command(directory / str(number), port=number))
        quiet = asyncio.subprocess.DEVNULL
        processes[number] = await asyncio.create_subprocess_exec(*line, stdout=quiet, stderr=quiet)
    try:
        await initiate(ports)
        yield Replicas(ports=ports, processes=processes)
    finally:
        for process in processes.values():
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
