"""A replica set of three real mongods on loopback.

Its primary can be killed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from chaos.supervision import POLL_S, Service
from graphql_api.embedded_mongod import replica_set
from graphql_api.embedded_mongod.binary import find_mongod
from graphql_api.store.database import Client, connect

MEMBERS = 3
READY_S = 40.0
_HEALTHY = {1, 2}  # MongoDB's numbers of a primary and a secondary
_ELECTION = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 300, "catchUpTimeoutMillis": 2000}


def command(directory: Path, *, port: int) -> list[str]:
    """Return the command line of one small member."""
    directory.mkdir(parents=True, exist_ok=True)
    return [
        *[str(find_mongod()), "--dbpath", str(directory), "--port", str(port), "--bind_ip", "127.0.0.1"],
        *["--nounixsocket", "--replSet", replica_set.NAME, "--wiredTigerCacheSizeGB", "0.25"],
        *["--oplogSize", "64", "--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)"],
        *["--setParameter", "diagnosticDataCollectionEnabled=false"],
    ]


def uri(ports: Sequence[int]) -> str:
    """Return the URI of the whole set."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"mongodb://{hosts}/?replicaSet={replica_set.NAME}"


async def initiate(ports: Sequence[int]) -> None:
    """Make the running members a set; raises ``TimeoutError`` if they do not become one."""
    members = [{"_id": number, "host": f"127.0.0.1:{port}"} for number, port in enumerate(ports)]
    config = {"_id": replica_set.NAME, "members": members, "settings": _ELECTION}
    first = f"127.0.0.1:{ports[0]}"
    async with asyncio.timeout(READY_S), replica_set.direct_client(first) as client:
        while not await _accepts(client, config):
            await asyncio.sleep(POLL_S)


async def _accepts(client: Client, config: dict[str, Any]) -> bool:
    try:
        await client.admin.command("replSetInitiate", config)
    except PyMongoError as problem:
        return "already initialized" in str(problem)
    return True


@dataclass(slots=True, kw_only=True)
class ReplicaSet:
    """The running set: its primary, and the health of its members."""

    members: dict[int, Service]
    client: Client

    async def primary(self) -> int:
        """Return the port of the primary; raises ``TimeoutError`` without a primary in time."""
        async with asyncio.timeout(READY_S):
            while True:
                try:
                    hello = await self.client.admin.command("hello")
                    if hello["isWritablePrimary"]:
                        return int(hello["me"].rpartition(":")[2])
                except PyMongoError:
                    pass
                await asyncio.sleep(POLL_S)

    async def is_whole(self) -> bool:
        """Whether all members are up and replicate."""
        try:
            status = await self.client.admin.command("replSetGetStatus")
        except PyMongoError:
            return False
        return all(member["state"] in _HEALTHY for member in status["members"])

    async def wait_until_whole(self) -> None:
        """Wait for all members to be up; raises ``TimeoutError`` if they do not come."""
        async with asyncio.timeout(READY_S):
            while not await self.is_whole():
                await asyncio.sleep(POLL_S)


def observer(ports: Sequence[int]) -> Client:
    """Return a client of the run's own."""
    return connect(uri(ports), timeout_s=5)
