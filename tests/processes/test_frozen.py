"""MongoDB stands still and does not even refuse.

Everything with a time limit ends all the same.
"""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx2
import pytest

from tests.processes.client import Client
from tests.processes.command import API_KEY, Commands
from tests.processes.own_mongod import OwnMongod, own_mongod
from tests.processes.patience import until

SHUTDOWN_S = 1.0
MAIN = {"serve": "serve", "worker": "work"}
"""The task of each open command."""
MARGIN_S = 4.0
"""The allowance of a busy machine on top of a time limit."""


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[OwnMongod]:
    """Yield a mongod for the test to freeze."""
    async with own_mongod(tmp_path / "mongod") as mongod:
        yield mongod


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_process_that_cannot_close_mongodb_is_ended_by_force(
    commands: Commands, mongod: OwnMongod, command: str
) -> None:
    """Its operations may take longer than it has: when SHUTDOWN_S is over it says so and is gone."""
    settings = {"mongodb_timeout_s": 60, "store_stall_s": 150, "shutdown_s": SHUTDOWN_S, "worker_idle_s": 0.1}
    running = commands.start(command, mongodb_uri=mongod.run.uri, openai_api_key=API_KEY, **settings)
    await running.logged("serving" if command == "serve" else "working")
    await mongod.freeze()
    asked = monotonic()
    assert await running.stop() == 1
    assert SHUTDOWN_S <= monotonic() - asked < SHUTDOWN_S + MARGIN_S
    assert running.own_log[-1]["event"] == "stopping takes too long: ended by force"
    assert running.own_log[-1]["pending"][MAIN[command]] == 1


async def test_a_frozen_mongod_of_ours_keeps_nobody(commands: Commands, http: httpx2.AsyncClient) -> None:
    """The server ends in order and takes it along; its data is sound."""
    first = commands.start("serve", "--sandbox", mongodb_timeout_s=2)
    connection = await Client(http, await first.url()).connection()
    os.kill(_mongod_among(commands.left()), signal.SIGSTOP)
    assert await first.stop() == 0
    await until(lambda: commands.left() == [])
    second = commands.start("serve", "--sandbox")
    created = await Client(http, await second.url()).create(connection)
    assert created["status"] == "QUEUED"
    assert await second.stop() == 0


def _mongod_among(pids: list[int]) -> int:
    (pid,) = [pid for pid in pids if Path(f"/proc/{pid}/comm").read_text() == "mongod\n"]
    return pid
