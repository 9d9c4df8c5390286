"""The nursery's own process: ``python -m processes.forking``.

It forks by the orders of its stdin, and ends with it.
"""

import atexit
import ctypes
import gc
import json
import os
import runpy
import signal
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>

PRELOADED = [
    "anyio._backends._asyncio",
    "coverage",
    "graphql_api.cli",
    "graphql_api.composition.check",
    "graphql_api.composition.demo",
    "graphql_api.composition.server",
    "graphql_api.embedded_mongod.watch",
    "graphql_api.logs",
    "httpcore2",
    "openai.resources.files",
    "openai.resources.fine_tuning.fine_tuning",
    "strawberry.federation.schema_directives",
    "uvicorn.lifespan.off",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
]
"""All imports seen in a server, at its start or later; the rest comes with these."""

Order = dict[str, Any]


class _Forks:
    """The running forks, each with the file for its exit code."""

    def __init__(self) -> None:
        self._exit_codes: dict[int, Path] = {}

    def start(self, order: Order) -> int:
        """Fork; return the pid, in the fork itself 0."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # it must not end before it is noted
        if pid := os.fork():
            self._exit_codes[pid] = Path(order["exit_code"])
        else:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return pid

    def collect(self, *_: object, options: int = os.WNOHANG) -> None:
        """Write down the exit code of each ended fork; the next signal may come amid this."""
        with suppress(ChildProcessError):  # there is no fork any more
            pid, status = os.waitpid(-1, options)
            while pid:
                _write(str(os.waitstatus_to_exitcode(status)), self._exit_codes.pop(pid))
                pid, status = os.waitpid(-1, options)

    def end(self) -> None:
        """Kill the running forks, and wait for their end."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in self._exit_codes:
            os.kill(pid, signal.SIGKILL)
        self.collect(options=0)


class _Ending:
    """Ends this process after it has joined its threads and run its exit handlers.

    An interpreter does the same and then takes its modules apart: this takes longer than many a command.
    """

    exit_code = 1  # if it does not come to its end

    def now(self) -> None:
        """End at once."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(self.exit_code)

    def by(self, asked: SystemExit) -> None:
        """Take over the command's exit; a text is for stderr."""
        if isinstance(asked.code, str):
            print(asked.code, file=sys.stderr)  # noqa: T201 - as an interpreter does
        self.exit_code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)


def _main() -> None:
    ending = _Ending()
    atexit.register(ending.now)  # the first one is run last
    _preload()
    forks = _Forks()
    signal.signal(signal.SIGCHLD, forks.collect)
    print("ready", flush=True)  # noqa: T201 - how it answers
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := forks.start(order)) == 0:
            try:
                _become(order)
                ending.exit_code = 0
            except SystemExit as asked:
                ending.by(asked)
            return
        print(pid, flush=True)  # noqa: T201 - how it answers
    forks.end()
    ending.exit_code = 0


def _preload() -> None:
    """Import the modules of a server's start and of its first work."""
    for module in PRELOADED:
        import_module(module)
    gc.collect()
    gc.freeze()  # else each fork's first collection copies every page


def _become(order: Order) -> None:
    """Turn this fork into the process of the order, and run it."""
    _tie_to_the_nursery()
    os.setsid()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["directory"])
    tempfile.tempdir = None  # it goes by the new environment
    _open_streams(order)
    command = order["command"]
    if Path(command[0]).is_absolute():
        os.execv(command[0], command)  # noqa: S606 - the caller's own command line, no shell sees it
    _measure()
    sys.argv[:] = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


def _tie_to_the_nursery() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _open_streams(order: Order) -> None:
    """Put the order's files in the place of the nursery's streams."""
    for number, path in enumerate([os.devnull, order["stdout"], order["stderr"]]):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)


def _measure() -> None:
    """Measure the coverage if the environment says so, as a new interpreter does at its start."""
    if any(name.startswith("COVERAGE_PROCESS_") for name in os.environ):
        import coverage

        coverage.process_startup()


def _write(text: str, file: Path) -> None:
    """Write the file, unseen before it is whole; its directory may be gone by now."""
    whole = file.with_suffix(".part")
    with suppress(FileNotFoundError):
        whole.write_text(text)
        whole.replace(file)


if __name__ == "__main__":
    _main()
