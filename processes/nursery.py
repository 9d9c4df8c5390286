"""Starts processes as forks of a nursery.

The nursery has imported everything and done nothing. Nine tenths of a server's start are imports, and a run
starts dozens. A fork runs the very module of ``python -m``, under its own environment, and ends as an
interpreter ends. It dies with the nursery, and the nursery ends with this process, because its stdin does:
nothing outlives a run.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from processes.child import ChildProcess
from processes.environment import environment

ROOT = Path(__file__).parents[1]


@dataclass(slots=True)
class Nursery:
    """The forking process, for the time of a ``with``; ``preload`` is in every environment.

    Variables of the dynamic linker, for example ``LD_PRELOAD``, have an effect in a fork only from there.
    """

    preload: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "processes.forking"],
            cwd=ROOT,
            env={**environment({}), **self.preload},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C is for the run alone, which ends the others in order
        )
        if self._answer() != "ready":
            raise RuntimeError("the nursery did not start")
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its stdin, so it kills its forks and ends, and waits for its end
            pass
        if self.process.returncode:
            raise RuntimeError(f"the nursery ended with exit code {self.process.returncode}")

    def fork(
        self,
        command: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        stdout: Path,
        stderr: Path,
    ) -> ChildProcess:
        """Start the module with its arguments and return at once; a path is a program to execute."""
        exit_code = stderr.with_suffix(".code")
        order = {
            "command": list(command),
            "directory": str(directory),
            "environment": {**environment, **self.preload},
            "stdout": str(stdout),
            "stderr": str(stderr),
            "exit_code": str(exit_code),
        }
        stream = _open(self.process.stdin)
        stream.write(json.dumps(order) + "\n")
        stream.flush()
        return ChildProcess(pid=int(self._answer()), poll=lambda: _number_in(exit_code))

    def _answer(self) -> str:
        return _open(self.process.stdout).readline().strip()


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the nursery has not been started")
    return stream


def _number_in(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except FileNotFoundError:
        return None
