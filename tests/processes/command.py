"""The ``graphql-api`` command in processes of its own.

A test starts them, and they are gone after it.
"""

import json
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from processes.child import ChildProcess
from processes.environment import environment
from processes.execution import execute, interpret
from processes.nursery import Nursery
from processes.starter import Starter
from tests.process_states import is_running
from tests.processes.patience import DEADLINE_S, until

MARK = "GRAPHQL_API_TEST"
"""The environment variable as a mark of all processes of a test, and of theirs."""

API_KEY = "sk-this-key-is-a-secret"
PASSWORD = "Vq7tRz2LmX9cHd4W"

MODULE = "graphql_api"
UNBUILT = ("GraphiQL was not built", "The console was not built")


def settings_in(directory: Path, settings: dict[str, object]) -> dict[str, object]:
    """Return the settings with a free port, and with data in the directory."""
    return {"port": 0, "log_format": "json", "data_dir": directory / "data", **settings, "tmpdir": directory}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A started command, and its output."""

    child: ChildProcess
    stdout_file: Path
    stderr_file: Path

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self.child.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code; ``None`` as long as it runs."""
        return self.child.poll()

    @property
    def stdout(self) -> str:
        """Its stdout so far."""
        return self.stdout_file.read_text()

    @property
    def stderr(self) -> str:
        """Its stderr so far."""
        return self.stderr_file.read_text()

    @property
    def complaint(self) -> str:
        """Its one line on stderr about its refused start."""
        assert self.stdout == ""
        (line,) = self.stderr.splitlines()
        return line.removeprefix("Error: ")

    @property
    def log(self) -> list[dict[str, Any]]:
        """Its log so far; a line still being written is left out.

        So are the lines on the pages' builds: they depend on the machine, with or without Node.js.
        """
        lines = [json.loads(line) for line in self.stderr.splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if not line["event"].startswith(UNBUILT)]

    @property
    def own_log(self) -> list[dict[str, Any]]:
        """Its log about itself: without the lines about each call and each change of a finetuning."""
        return [line for line in self.log if line["event"] not in {"call", "finetuning changed"}]

    async def logged(self, event: str) -> dict[str, Any]:
        """Return the log line of this event as soon as there is one; the process must not end before."""
        await until(lambda: f'"event": "{event}"' in self.stderr or self.returncode is not None)
        found = [line for line in self.log if line["event"] == event]
        assert found, f"no {event!r}: {self.stderr}"
        return found[0]

    def check_secrets(self) -> None:
        """Check that it has told no one the operator's secrets."""
        for secret in (API_KEY, PASSWORD):
            assert secret not in self.stdout + self.stderr

    async def url(self) -> str:
        """Return its address, as soon as it serves."""
        line = await self.logged("serving")
        return str(line["graphql"]).removesuffix("/graphql")

    async def exit_code(self) -> int:
        """Wait for its end and return its exit code."""
        return await self.child.exit_code(within_s=DEADLINE_S)

    def send(self, number: signal.Signals) -> None:
        """Send it the signal."""
        self.child.send(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it the signal and return its exit code."""
        self.send(number)
        return await self.exit_code()

    async def kill(self) -> None:
        """``kill -9`` it."""
        await self.child.kill(within_s=DEADLINE_S)


@dataclass(slots=True, kw_only=True)
class Commands:
    """Starts commands; ``end`` ends them and checks that nothing of them is left."""

    directory: Path
    starter: Starter
    program: str
    measured: bool = True
    mark: str = field(default_factory=lambda: uuid4().hex)
    started: list[Command] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def start(self, *arguments: str, **settings: object) -> Command:
        """Start ``graphql-api`` with these arguments and settings, and return at once."""
        name = f"command-{self.mark}-{next(self._numbers)}"
        stdout, stderr = (self.directory / f"{name}.{stream}" for stream in ("out", "err"))
        stdout.touch()
        stderr.touch()
        child = self.starter(
            [self.program, *arguments],
            directory=self.directory,
            environment=environment(settings_in(self.directory, settings), measured=self.measured)
            | {MARK: self.mark},
            stdout=stdout,
            stderr=stderr,
        )
        command = Command(child=child, stdout_file=stdout, stderr_file=stderr)
        self.started.append(command)
        return command

    async def run(self, *arguments: str, **settings: object) -> Command:
        """Start the command and wait for its end."""
        command = self.start(*arguments, **settings)
        await command.exit_code()
        return command

    def left(self) -> list[int]:
        """Return the live processes among those started here and those started by them."""
        ours = {command.pid for command in self.started}
        return [pid for pid in _processes(lambda one: _belongs(one, ours, self)) if is_running(pid)]

    async def end(self) -> None:
        """Kill the rest; the mongod of a killed server ends by itself."""
        for command in self.started:
            await command.kill()
            command.check_secrets()
        await until(lambda: not self.left())


def forked(nursery: Nursery, directory: Path, *, measured: bool = True) -> Commands:
    """Return a starter of forks: they spare the imports."""
    return Commands(directory=directory, starter=nursery.fork, program=MODULE, measured=measured)


def interpreted(directory: Path) -> Commands:
    """Return a starter of new interpreters, as a person starts them."""
    return Commands(directory=directory, starter=interpret, program=MODULE)


def installed(directory: Path, program: Path) -> Commands:
    """Return a starter of this program."""
    return Commands(directory=directory, starter=execute, program=str(program))


@asynccontextmanager
async def ended(commands: Commands) -> AsyncIterator[Commands]:
    """Yield the starter; at the end nothing of its processes may be left."""
    try:
        yield commands
    finally:
        await commands.end()


def _processes(belongs: Callable[[Path], bool]) -> Iterator[int]:
    """Yield the processes of this condition on their directory; only Linux tells."""
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            if belongs(directory):
                yield int(directory.name)


def _belongs(directory: Path, ours: set[int], commands: Commands) -> bool:
    """Whether the process is one of ours, in the session of one of ours, or has the mark from one of ours.

    A fork's environment looks to the kernel like that of its nursery, so the mark alone is not enough. A
    mongod and an SQL parser have no mark, as they have no environment: they write to a file of ours.
    The test's other starters have the same directory.
    """
    session = int((directory / "stat").read_text().rpartition(")")[2].split()[3])
    marked = f"{MARK}={commands.mark}".encode() in (directory / "environ").read_bytes().split(b"\0")
    output = (directory / "fd" / "2").readlink()
    writes = commands.mark in output.name or output.is_relative_to(commands.directory / "data")
    return marked or writes or not ours.isdisjoint({int(directory.name), session})
