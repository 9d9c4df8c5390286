"""Starts any program as a child process.

It has a session of its own, and ends with this process.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from graphql_api.embedded_mongod.lifeline import tied_to_this_process
from processes.child import ChildProcess


def execute(
    command: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    stdout: Path | None = None,
    stderr: Path | None = None,
) -> ChildProcess:
    """Start the program and return at once; its output goes to these files, or nowhere.

    The session is its own, so a Ctrl-C is for this process alone; it ends the others in order.
    """
    with _opened(stdout) as output, _opened(stderr) as errors:
        process = subprocess.Popen(
            tied_to_this_process(command),
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
    return ChildProcess(pid=process.pid, poll=process.poll)


def interpret(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str], stdout: Path, stderr: Path
) -> ChildProcess:
    """Start the module in a new interpreter, as a person does."""
    line = [sys.executable, "-m", *command]
    return execute(line, directory=directory, environment=environment, stdout=stdout, stderr=stderr)


def _opened(file: Path | None) -> IO[bytes]:
    return (file or Path(os.devnull)).open("ab")
