"""A mongod's steps to primary, on a real one.

Its replica set has one member.
"""

import asyncio
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from graphql_api.embedded_mongod.mongod import free_port
from graphql_api.embedded_mongod.replica_set import NAME, direct_client, step_towards_primary
from tests.store.test_suitability import mongod_started


async def _pid(client: AsyncMongoClient[dict[str, Any]]) -> int:
    pid: int = (await client.admin.command("serverStatus"))["pid"]
    return pid


async def _config(client: AsyncMongoClient[dict[str, Any]]) -> dict[str, Any] | None:
    return await client["local"]["system.replset"].find_one()


async def _made_primary(port: int) -> str:
    """Make the mongod on this port a primary, and return the address in its configuration."""
    async with direct_client(port) as client, asyncio.timeout(60):
        pid = await _pid(client)
        while not await step_towards_primary(client, pid=pid, port=port):  # noqa: ASYNC110 - mongod announces nothing
            await asyncio.sleep(0.01)
        config = await _config(client)
    assert config is not None
    assert (config["_id"], len(config["members"])) == (NAME, 1)
    host: str = config["members"][0]["host"]
    return host


async def test_a_new_mongod_becomes_primary_and_again_on_another_port(tmp_path: Path) -> None:
    """Each time its configuration has its present address."""
    for _ in range(2):
        async with mongod_started(tmp_path, "--replSet", NAME) as port:
            assert await _made_primary(port) == f"127.0.0.1:{port}"


async def test_another_mongod_on_the_port_is_left_alone(tmp_path: Path) -> None:
    """It is not taken for ours, and gets no configuration."""
    async with mongod_started(tmp_path, "--replSet", NAME) as port, direct_client(port) as client:
        pid = await _pid(client)
        assert await step_towards_primary(client, pid=pid + 1, port=port) is False
        assert await _config(client) is None


async def test_a_refused_command_is_no_error(tmp_path: Path) -> None:
    """A mongod takes no configuration without its own address: the step is to be made again."""
    async with mongod_started(tmp_path, "--replSet", NAME) as port, direct_client(port) as client:
        pid = await _pid(client)
        assert await step_towards_primary(client, pid=pid, port=free_port()) is False
        assert await _config(client) is None
        assert await step_towards_primary(client, pid=pid, port=port) is False
        assert (await _config(client) or {})["members"][0]["host"] == f"127.0.0.1:{port}"
