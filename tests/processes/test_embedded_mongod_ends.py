"""The embedded mongod ends under a running server.

It comes back and all goes on, or the server ends, too.
"""

import os
import signal
from pathlib import Path

import httpx2
import pytest

from graphql_api.embedded_mongod.binary import find_mongod
from graphql_api.embedded_mongod.lifeline import is_alive
from tests.http.graphql.websocket_client import connected_to, heard, subscribe
from tests.process_states import is_running
from tests.processes.client import Client
from tests.processes.command import Command, Commands
from tests.processes.deployment import IMPATIENT
from tests.processes.patience import until
from tests.processes.test_embedded import mongod_pid

FOLLOW = 'subscription { finetuningUpdated(finetuningId: "%s") { status } }'
WORDS = "No space left on device"


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """Write a mongod with no further start after the file ``full`` appears beside it."""
    path, full = tmp_path / "mongod", tmp_path / "full"
    lines = ["#!/bin/sh", f'if [ -e {full} ]; then echo "{WORDS}" >&2; exit 14; fi']
    path.write_text("\n".join([*lines, f'exec {find_mongod()} "$@"', ""]))
    path.chmod(0o700)
    return path


def _kill_mongod(directory: Path) -> int:
    pid = mongod_pid(directory / "data")
    os.kill(pid, signal.SIGKILL)
    return pid


def _told(command: Command) -> list[str]:
    """Return the server's lines about its mongod."""
    return [line["event"] for line in command.log if "embedded mongod" in line["event"]]


async def test_a_server_goes_on_when_its_mongod_is_killed(
    commands: Commands, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    """It is ready again, a subscription is told the next events, and a live finetuning is cancelled."""
    server = commands.start("serve", "--sandbox", **IMPATIENT)
    client = Client(http, await server.url())
    created = await client.create(await client.connection())
    await client.becomes(created["id"], "RUNNING")
    async with connected_to(client.url.removeprefix("http://")) as socket:
        await subscribe(socket, FOLLOW % created["id"])
        assert (await heard(socket))["payload"]["data"]["finetuningUpdated"] == {"status": "RUNNING"}
        killed = _kill_mongod(tmp_path)
        await server.logged("the embedded mongod runs again")
        assert (await http.get(f"{client.url}/readyz")).status_code == 200
        await client.cancel(created["id"])
        cancelled = await client.becomes(created["id"], "CANCELLED")
        assert cancelled["cancellation"]["phase"] == "CONFIRMED"
        status = "RUNNING"
        while status == "RUNNING":
            status = (await heard(socket))["payload"]["data"]["finetuningUpdated"]["status"]
        assert status == "CANCELLED"
    assert not is_alive(killed)  # collected, too
    assert {server.pid, mongod_pid(tmp_path / "data")} < set(commands.left())
    assert len(commands.left()) == 3  # the third one checks SQL
    assert _told(server) == [
        "the embedded mongod ended and is started again",
        "the embedded mongod runs again",
    ]
    assert await server.stop() == 0
    assert commands.left() == []


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_server_ends_when_its_mongod_does_not_start_again(
    commands: Commands, tmp_path: Path, binary: Path, command: str
) -> None:
    """With exit code 1, one line with the reason, and the last lines of the mongod's log."""
    process = commands.start(command, mongod_binary=binary, openai_api_key="sk-none", **IMPATIENT)
    await process.logged("serving" if command == "serve" else "working")
    (tmp_path / "full").touch()
    _kill_mongod(tmp_path)
    assert await process.exit_code() == 1
    assert process.stderr.splitlines()[-1] == (
        "Error: DATA_DIR: the embedded MongoDB is lost: it ended 6 times in a row and is not started again: "
        f"mongod ({binary}) ended with exit code 14: {WORDS} (log: {tmp_path}/data/mongod.log)"
    )
    given_up = next(line for line in process.stderr.splitlines() if "is given up" in line)
    assert f'"log_tail": ["{WORDS}"]' in given_up
    assert commands.left() == []


async def test_a_server_ends_when_its_data_are_gone(commands: Commands, tmp_path: Path) -> None:
    """At once and with exit code 1: an empty database in their place would have forgotten every cancel."""
    server = commands.start("serve", "--sandbox", **IMPATIENT)
    await server.url()
    (tmp_path / "data" / "mongodb").rename(tmp_path / "elsewhere")
    os.kill(int((tmp_path / "elsewhere" / "mongod.lock").read_text()), signal.SIGKILL)
    assert await server.exit_code() == 1
    assert server.stderr.splitlines()[-1] == (
        f"Error: DATA_DIR: the embedded MongoDB is lost: the data in {tmp_path}/data/mongodb are gone"
    )
    assert not (tmp_path / "data" / "mongodb").exists()
    assert commands.left() == []


async def test_a_stopping_server_starts_no_mongod(commands: Commands, tmp_path: Path) -> None:
    """A signal for all processes of a service at once, as systemd sends it, ends all of them for good."""
    server = commands.start("serve", "--sandbox", **IMPATIENT, mongodb_timeout_s=2)
    await server.url()
    mongod = mongod_pid(tmp_path / "data")
    server.send(signal.SIGTERM)
    os.kill(mongod, signal.SIGKILL)
    assert await server.exit_code() == 0
    assert _told(server) == []
    await until(lambda: not is_running(mongod))
    assert commands.left() == []
