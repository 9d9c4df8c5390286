"""Server processes at a fifth of the price: forked from one that has imported everything and done nothing.

A kill test needs dozens of servers, and nine tenths of a start are imports. What is forked runs the very
command, in a process of its own with an environment of its own, and dies of ``kill -9`` like any other.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from tests.process_states import is_running
from tests.processes.command import Running, environment
from tests.processes.patience import until


@dataclass(frozen=True, slots=True, kw_only=True)
class Forked(Running):
    """A forked command; what it ended with stands in a file, for it is not this process's child."""

    exit_code_file: Path

    async def exit_code(self) -> int:
        """Wait for its end and return its exit code."""
        await until(lambda: not is_running(self.pid))
        return int(self.exit_code_file.read_text())


@dataclass(slots=True)
class Nursery:
    """The process that forks, for the time of a ``with``; ``preload`` is in every environment."""

    preload: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={**os.environ, **self.preload},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its stdin, upon which it ends, and waits for that
            _stream(self.process.stdin).close()
        assert self.process.returncode == 0

    def fork(self, *arguments: str, directory: Path, name: str, **settings: object) -> Forked:
        """Start ``graphql-api`` with these arguments and settings, and return at once."""
        stdout, stderr, code = (directory / f"{name}.{kind}" for kind in ("out", "err", "code"))
        stdout.touch()
        stderr.touch()
        order = {
            "arguments": arguments,
            "environment": {**environment(directory, **settings), **self.preload},
            "directory": str(directory),
            "stdout": str(stdout),
            "stderr": str(stderr),
            "exit_code": str(code),
        }
        stream = _stream(self.process.stdin)
        stream.write(json.dumps(order) + "\n")
        stream.flush()
        return Forked(pid=int(self._answer()), stdout_file=stdout, stderr_file=stderr, exit_code_file=code)

    def _answer(self) -> str:
        return _stream(self.process.stdout).readline().strip()


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _main() -> None:
    import graphql_api.composition.server  # noqa: F401 - to have it imported is the point

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks for exit codes, so none are kept
    children: list[int] = []
    print("ready", flush=True)  # noqa: T201 - how it answers
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            _become(json.loads(line))
        children.append(pid)
        print(pid, flush=True)  # noqa: T201 - how it answers
    for pid in filter(is_running, children):
        os.kill(pid, signal.SIGKILL)


def _become(order: dict[str, Any]) -> None:
    from graphql_api.cli import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["directory"])
    for number, path in enumerate([os.devnull, order["stdout"], order["stderr"]]):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.dup2(os.open(path, flags), number)
    try:
        main(order["arguments"])
    except SystemExit as end:
        Path(order["exit_code"]).write_text(str(end.code))
    finally:
        os._exit(0)


if __name__ == "__main__":
    _main()
