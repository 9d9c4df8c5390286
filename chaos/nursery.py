"""The process that all others are forked from: it has imported everything and done nothing.

Nine tenths of a server's start are imports, and a run starts dozens. What is forked ends with the nursery,
by the kernel's word, and the nursery ends with the run, because its stdin does: nothing outlives a run.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn, Self

from graphql_api.composition.settings import Settings

_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


@dataclass(slots=True)
class Nursery:
    """The forking process, for the time of a ``with``."""

    process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
            start_new_session=True,  # a Ctrl-C is for the run alone, which ends the others in order
        )
        if self._answer() != "ready":
            raise RuntimeError("the nursery did not start")
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes its stdin, upon which it ends, and waits for that
            pass

    def fork(
        self, command: Sequence[str], *, directory: Path, log: Path, settings: Mapping[str, object]
    ) -> int:
        """Start the command and return its pid; one of no known name is a program to execute."""
        order = {
            "command": list(command),
            "directory": str(directory),
            "log": str(log),
            "settings": {name: str(value) for name, value in settings.items()},
        }
        stream = _open(self.process.stdin)
        stream.write(json.dumps(order) + "\n")
        stream.flush()
        return int(self._answer())

    def _answer(self) -> str:
        return _open(self.process.stdout).readline().strip()


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the nursery has not been started")
    return stream


def _environment() -> dict[str, str]:
    """Return ours without the server's settings, and without what would measure the coverage of a storm."""
    ours = {name.upper() for name in Settings.model_fields}
    return {
        key: value
        for key, value in os.environ.items()
        if key.upper() not in ours and not key.startswith("COVERAGE_")
    }


def _main() -> None:
    import graphql_api.composition.server  # noqa: F401 - to have them imported is the point

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks for exit codes, so none are kept
    print("ready", flush=True)
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            _become(json.loads(line))
        print(pid, flush=True)


def _become(order: dict[str, Any]) -> NoReturn:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(order["settings"])
    os.chdir(order["directory"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, source in enumerate([os.open(os.devnull, os.O_RDONLY), log, log]):
        os.dup2(source, number)
    try:
        _run(order["command"])
    finally:
        os._exit(0)


def _run(command: list[str]) -> None:
    from chaos import provider
    from graphql_api.cli import main

    name, *arguments = command
    if name == "graphql-api":
        main(arguments)
    elif name == "provider":
        provider.main(*arguments)
    else:
        os.execv(name, command)  # noqa: S606 - the run's own command line, no shell sees it


if __name__ == "__main__":
    _main()
