"""The server on its embedded defaults.

A mongod and a sandbox of its own share one data directory.
"""

import asyncio
import signal
from pathlib import Path

import httpx2

from graphql_api.embedded_mongod.lifeline import is_alive
from tests.processes.client import CONNECTIONS, Client
from tests.processes.command import Commands
from tests.processes.deployment import IMPATIENT
from tests.processes.patience import until

SAMPLE = {"nodes": [{"alias": "library"}]}


def mongod_pid(data_dir: Path) -> int:
    """Return the process at work on the data."""
    return int((data_dir / "mongodb" / "mongod.lock").read_text())


async def test_second_run_goes_on_with_the_data(
    commands: Commands, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    """A stopped server's data are there in the next run, the samples once; no mongod stays behind."""
    first = commands.start("serve", "--sandbox", "--sample-data")
    client = Client(http, await first.url())
    assert await client.ask(CONNECTIONS) == SAMPLE
    created = await client.create(await client.connection())
    running = await client.becomes(created["id"], "RUNNING")
    mongod = mongod_pid(tmp_path / "data")
    assert mongod in commands.left()
    assert await first.stop(signal.SIGTERM) == 0
    assert not is_alive(mongod)
    second = commands.start("serve", "--sandbox", "--sample-data")
    client = Client(http, await second.url())
    assert len((await client.ask(CONNECTIONS))["nodes"]) == 2
    cancelled = await client.cancel(created["id"])
    assert (cancelled["status"], cancelled["finetuningJobId"]) == ("CANCELLED", running["finetuningJobId"])
    assert await second.stop(signal.SIGINT) == 0
    assert commands.left() == []


async def test_kill_of_everything(commands: Commands, http: httpx2.AsyncClient, tmp_path: Path) -> None:
    """After a ``kill -9`` of server, mongod and sandbox together, answered cancels and creates come true."""
    first = commands.start("serve", "--sandbox", **IMPATIENT)
    client = Client(http, await first.url())
    connection = await client.connection()
    created = [await client.create(connection) for _ in range(4)]
    cancelled = [one["id"] for one in created[::2]]
    await asyncio.gather(*map(client.cancel, cancelled))
    mongod = mongod_pid(tmp_path / "data")
    await first.kill()
    second = commands.start("serve", "--sandbox", **IMPATIENT)
    client = Client(http, await second.url())
    await until(lambda: not is_alive(mongod))  # dead by now, but perhaps not yet collected by init
    assert {one["id"] for one in await client.list()} == {one["id"] for one in created}
    for one in created:
        await client.becomes(one["id"], "CANCELLED" if one["id"] in cancelled else "RUNNING")


async def test_data_directory_in_use(commands: Commands, http: httpx2.AsyncClient, tmp_path: Path) -> None:
    """A second server on a data directory in use does not start, and the first is not disturbed."""
    first = commands.start("serve", "--sandbox")
    client = Client(http, await first.url())
    second = await commands.run("serve", "--sandbox")
    assert second.returncode == 1
    assert second.complaint == (
        f"DATA_DIR: the data directory {tmp_path / 'data'} is in use by process {first.pid}: "
        "stop it, or set another DATA_DIR"
    )
    assert await client.list() == []
