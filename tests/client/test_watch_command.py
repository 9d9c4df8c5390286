"""``finetunings watch``: its lines, its exit codes, and what does not end it."""

import asyncio
import os
import pty
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
import pytest

from chaos.ports import free_port
from graphql_api.composition.server import serving
from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.sandbox.openai import JobStatus
from processes.environment import environment
from tests.client.conftest import Shell
from tests.http.conftest import SETTINGS, resources_of
from tests.world import World

PATIENCE_S = 120


@asynccontextmanager
async def watching(url: str, finetuning: Finetuning, *more: str, out: int = PIPE) -> AsyncIterator[Process]:
    """Watch in a process of its own."""
    command = ["-m", "graphql_api", "finetunings", "watch", str(finetuning.id), "--url", url, *more]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=out, stderr=PIPE, env=environment({}) | {"COLUMNS": "200"}
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def ended(process: Process) -> tuple[int | None, list[str], list[str]]:
    """Return the exit code and the further lines of stdout and stderr."""
    out, error = await process.communicate()
    return process.returncode, (out or b"").decode().splitlines(), error.decode().splitlines()


async def line_with(text: str, process: Process) -> str:
    """Read up to the line with this text."""
    assert process.stdout is not None
    while text not in (line := (await process.stdout.readline()).decode()):
        assert line, f"the watch ended without {text}"
    return line


@pytest.mark.parametrize(
    ("outcome", "code", "more"),
    [
        ("succeeded", 0, "ft:gpt-"),
        ("failed", 10, "The job failed"),
        ("cancelled", 11, "Fine tuning cancelled"),
    ],
)
async def test_the_exit_code_says_how_it_ended(shell: Shell, outcome: str, code: int, more: str) -> None:
    """The last line says it, too, with the model or the reason."""
    finetuning = await shell.world.created_and_training()
    async with watching(shell.url, finetuning) as process:
        assert "created" in await line_with("created", process)
        if outcome == "cancelled":
            await shell.world.cancel(finetuning)
        else:
            job = str(finetuning.finetuning_job_id)
            shell.world.sandbox.account.finish_job(job, outcome=JobStatus(outcome))
            shell.world.advance(30)
            await shell.world.work()
        returned, lines, errors = await ended(process)
    assert (returned, errors) == (code, [])
    assert lines[-1].startswith(f"{finetuning.id}  {outcome.upper()}  {more}")
    assert re.search(rf"Z  .*{outcome.upper()}", lines[-2])


async def test_as_json_stdout_has_the_end_alone(shell: Shell) -> None:
    """An ended one is told at once; its deletion is an exit code of its own."""
    finetuning = await shell.world.created_and_training()
    await shell.world.cancel(finetuning)
    result = await shell.run("finetunings", "watch", str(finetuning.id), "--json")
    assert (result.exit_code, orjson.loads(result.stdout)["status"]) == (11, "CANCELLED")
    await shell.stdout("finetunings", "delete", str(finetuning.id))
    result = await shell.run("finetunings", "watch", str(finetuning.id))
    assert (result.exit_code, result.stderr) == (3, f"Error: there is no finetuning {finetuning.id}\n")


async def test_a_deletion_ends_the_watch(shell: Shell) -> None:
    """With an exit code of its own."""
    finetuning = await shell.world.created_and_training()
    async with watching(shell.url, finetuning) as process:
        await line_with("created", process)
        await shell.stdout("finetunings", "delete", str(finetuning.id))
        code, _, errors = await ended(process)
    # The cancel before a deletion is an end, too, and whichever is seen first is told.
    assert (code, errors) in ((11, []), (12, [f"Error: finetuning {finetuning.id} is deleted"]))


async def test_ctrl_c_ends_the_watch_alone(shell: Shell) -> None:
    """The finetuning goes on; the exit code is that of shells."""
    finetuning = await shell.world.created_and_training()
    async with watching(shell.url, finetuning) as process:
        await line_with("created", process)
        process.send_signal(signal.SIGINT)
        code, _, errors = await ended(process)
    assert (code, errors) == (130, ["", f"The watch has ended, and finetuning {finetuning.id} goes on."])
    assert (await shell.world.read(finetuning)).status is FinetuningStatus.RUNNING
    assert shell.world.calls("jobs.cancel") == 0


async def test_a_restart_of_the_server_does_not_end_it(world: World) -> None:
    """It goes on behind the last event, and shows none twice."""
    finetuning = await world.created_and_training()
    settings = SETTINGS.model_copy(update={"port": free_port()})
    async with serving(settings, resources_of(world)) as url:
        watch = watching(f"{url}/graphql", finetuning)
        process = await watch.__aenter__()
        await line_with("RUNNING", process)
    try:
        assert "trying again" in await line_with("trying again", process)
        await world.cancel(finetuning)
        async with serving(settings, resources_of(world)):
            code, lines, _ = await ended(process)
    finally:
        await watch.__aexit__(None, None, None)
    assert code == 11
    assert [line for line in lines if "  created" in line or "  status changed  RUNNING" in line] == []
    assert lines[-1].startswith(f"{finetuning.id}  CANCELLED")


async def test_a_terminal_gets_a_bar(shell: Shell) -> None:
    """It is drawn in place, and stays at its end."""
    finetuning = await shell.world.created_and_training()
    terminal, end = pty.openpty()
    try:
        async with watching(shell.url, finetuning, out=end) as process:
            os.close(end)
            seen = await asyncio.to_thread(os.read, terminal, 4096)
            await shell.world.cancel(finetuning)
            reading = asyncio.create_task(asyncio.to_thread(_rest, terminal))
            code, _, errors = await ended(process)
            seen += await reading
    finally:
        os.close(terminal)
    assert (code, errors) == (11, [])
    assert b"\r\x1b[2KRUNNING" in seen
    assert f"\r\n{finetuning.id}  CANCELLED".encode() in seen


def _rest(terminal: int) -> bytes:
    """Read to the end; Linux reports it as an error."""
    read = b""
    with suppress(OSError):
        while part := os.read(terminal, 4096):
            read += part
    return read
