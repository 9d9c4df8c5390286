"""The lifeline's promise: no parent, no command."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphql_api.embedded_mongod import lifeline
from tests.process_states import is_running, until

_LIFELINE = lifeline.__file__
_PARENT = """
import subprocess, sys
from graphql_api.embedded_mongod.lifeline import tied_to_this_process
command = tied_to_this_process(["/bin/sh", "-c", "echo $$; exec sleep 60"])
if sys.argv[1] == "watched":
    pretend = "import runpy, sys; sys.platform = 'other'; del sys.argv[0]; "
    pretend += "runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", pretend, *command[3:]]
subprocess.run(command)
"""


@pytest.mark.parametrize("tie", ["kernel", "watched"])
async def test_the_command_ends_with_its_killed_parent(tie: str) -> None:
    """Killing the parent with kill -9 ends the command, both by the kernel's signal and by the watcher."""
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, tie], stdout=subprocess.PIPE)  # noqa: ASYNC220 - the fork takes a millisecond
    with parent:
        assert parent.stdout is not None
        command_pid = int(await asyncio.to_thread(parent.stdout.readline))
        assert is_running(command_pid)
        parent.kill()
        parent.wait()
        await until(lambda: not is_running(command_pid))


def test_a_parent_that_has_ended_before_is_noticed(tmp_path: Path) -> None:
    """When the parent ended before the tie was made, the command is not run."""
    trace = tmp_path / "trace"
    not_our_pid = str(os.getppid())
    run = subprocess.run(
        [sys.executable, _LIFELINE, not_our_pid, "/usr/bin/touch", str(trace)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == "the process that started this command has ended\n"
    assert not trace.exists()


def test_the_command_keeps_pid_and_exit_code() -> None:
    """The command takes the launcher's place: the pid the parent knows, and its own exit code."""
    command = lifeline.tied_to_this_process(["/bin/sh", "-c", "echo $$; exit 7"])
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
    assert process.returncode == 7
