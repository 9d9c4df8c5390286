"""The watch brings a mongod back with its data.

Otherwise it gives up, and says so.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from graphql_api.embedded_mongod.binary import find_mongod
from graphql_api.embedded_mongod.errors import MongodDataLostError, MongodLostError
from graphql_api.embedded_mongod.lifeline import is_alive
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.embedded_mongod.watch import MOST_ENDS, STEADY_S, keep_running
from tests.process_states import is_running, until

WORDS = "No space left on device"


class Pauses:
    """The pauses that the watch makes; ``at_each`` is done in place of waiting."""

    def __init__(self, at_each: Callable[[], None] = lambda: None) -> None:
        self.made: list[float] = []
        self._at_each = at_each

    async def __call__(self, seconds: float) -> None:
        """Take a pause as made."""
        self.made.append(seconds)
        self._at_each()


class Steps:
    """A clock that goes on by as much at each look."""

    def __init__(self, step_s: float) -> None:
        self._now = 0.0
        self._step_s = step_s

    def __call__(self) -> float:
        """Return the time."""
        self._now += self._step_s
        return self._now


def _binary(path: Path) -> Path:
    """Write a mongod with a start only in the absence of a forbidding file beside it."""
    lines = ["#!/bin/sh", f'if [ -e {path.with_suffix(".stop")} ]; then echo "{WORDS}" >&2; exit 14; fi']
    path.write_text("\n".join([*lines, f'exec {find_mongod()} "$@"', ""]))
    path.chmod(0o700)
    return path


def _kill(mongod: EmbeddedMongod) -> int:
    pid = mongod.pid
    os.kill(pid, signal.SIGKILL)
    return pid


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch at work, and its log."""

    task: "asyncio.Task[NoReturn]"
    logged: Sequence[MutableMapping[str, Any]]

    async def has_restarted(self, times: int = 1) -> None:
        """Wait until it has started the mongod again so often, or has given it up."""
        await until(lambda: self.task.done() or self._restarts() == times)

    def _restarts(self) -> int:
        return sum(line["event"] == "the embedded mongod runs again" for line in self.logged)


@asynccontextmanager
async def _watched(
    mongod: EmbeddedMongod,
    *,
    sleep: Callable[[float], Awaitable[None]],
    clock: Callable[[], float],
) -> AsyncIterator[Watch]:
    with capture_logs() as logged:
        task = asyncio.create_task(keep_running(mongod, sleep=sleep, clock=clock))
        try:
            yield Watch(task, logged)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, MongodLostError):
                await task


async def test_a_killed_mongod_runs_again(tmp_path: Path) -> None:
    """With its data, under the same URI, as the same replica set; the dead process is collected."""
    async with EmbeddedMongod(tmp_path) as mongod:
        before = mongod.uri
        async with (
            AsyncMongoClient[dict[str, Any]](mongod.uri, timeoutMS=20_000) as client,
            _watched(mongod, sleep=Pauses(), clock=Steps(STEADY_S)) as watch,
        ):
            await client["finetuning"]["records"].insert_one({"_id": "a"})
            config = await client.admin.command("replSetGetConfig")
            killed = _kill(mongod)
            await watch.has_restarted()
            assert not is_alive(killed)
            found = await client["finetuning"]["records"].find_one()
            config_now = await client.admin.command("replSetGetConfig")
    assert found == {"_id": "a"}
    assert mongod.uri == before
    assert config_now["config"]["settings"] == config["config"]["settings"]
    assert not is_running(mongod.pid)


async def test_a_mongod_that_cannot_start_again_is_given_up(tmp_path: Path) -> None:
    """After growing pauses it is said why, with the last lines of its log; no process is left."""
    binary, pauses = _binary(tmp_path / "mongod"), Pauses()
    data = tmp_path / "data"
    with capture_logs() as logged:
        async with EmbeddedMongod(data, binary=binary) as mongod:
            binary.with_suffix(".stop").touch()
            _kill(mongod)
            with pytest.raises(MongodLostError) as lost:
                await keep_running(mongod, sleep=pauses, clock=Steps(0))
            assert not is_alive(mongod.pid)
    assert pauses.made == [0.25, 0.5, 1, 2, 4]
    assert str(lost.value) == (
        f"it ended {MOST_ENDS} times in a row and is not started again: "
        f"mongod ({binary}) ended with exit code 14: {WORDS} (log: {data}/mongod.log)"
    )
    first, *failures, last = logged
    assert (first["event"], first["ends"]) == ("the embedded mongod ended and is started again", 1)
    assert first["reason"].startswith(f"mongod ({binary}) ended by SIGKILL: ")
    assert [line["ends"] for line in failures] == [2, 3, 4, 5, 6]
    assert (last["event"], last["log_tail"]) == ("the embedded mongod is given up", [WORDS])


@pytest.mark.parametrize(("step_s", "is_given_up"), [(0, True), (STEADY_S, False)])
async def test_only_ends_in_a_row_count(tmp_path: Path, step_s: float, is_given_up: bool) -> None:
    """A mongod dying right after its last try is given up; one with a steady run is not."""
    binary = _binary(tmp_path / "mongod")
    forbids = binary.with_suffix(".stop")
    pauses = Pauses(lambda: forbids.unlink() if len(pauses.made) == MOST_ENDS - 1 else None)
    async with (
        EmbeddedMongod(tmp_path / "data", binary=binary) as mongod,
        _watched(mongod, sleep=pauses, clock=Steps(step_s)) as watch,
    ):
        forbids.touch()
        _kill(mongod)
        await watch.has_restarted()
        _kill(mongod)
        await watch.has_restarted(2)
        assert watch.task.done() is is_given_up


async def test_lost_data_are_not_replaced(tmp_path: Path) -> None:
    """Without the data nothing is started: an empty database would have forgotten every cancel."""
    async with EmbeddedMongod(tmp_path) as mongod:
        _kill(mongod)
        (tmp_path / "mongodb").rename(tmp_path / "elsewhere")
        with pytest.raises(MongodDataLostError) as lost:
            await keep_running(mongod, sleep=Pauses())
        (tmp_path / "mongodb").mkdir()
        with pytest.raises(MongodDataLostError):
            await keep_running(mongod, sleep=Pauses())
    assert str(lost.value) == f"the data in {tmp_path}/mongodb are gone"
    assert list((tmp_path / "mongodb").iterdir()) == []


async def test_a_restart_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    """A server that stops amid a restart ends the half-started mongod, too."""
    async with EmbeddedMongod(tmp_path) as mongod:
        async with _watched(mongod, sleep=Pauses(), clock=Steps(STEADY_S)):
            killed = _kill(mongod)
            await until(lambda: mongod.pid != killed)
            started = mongod.pid
        assert mongod.pid == started
    assert not is_alive(started)
