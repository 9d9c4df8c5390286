"""The ``graphql-api`` command in processes of its own, started by a test and gone after it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from graphql_api.composition.settings import Settings
from tests.process_states import is_running
from tests.processes.patience import until

MARK = "GRAPHQL_API_TEST"
"""The environment variable by which everything that a test starts, and what that starts, is known."""

API_KEY = "sk-this-key-is-a-secret"
PASSWORD = "this-password-is-a-secret"


def environment(directory: Path, **settings: object) -> dict[str, str]:
    """Return this process's environment with these settings only, a free port, and data in ``directory``."""
    inherited = {key: value for key, value in os.environ.items() if key.lower() not in Settings.model_fields}
    defaults = {"port": 0, "log_format": "json", "data_dir": directory / "data"}
    given = {key.upper(): str(value) for key, value in (defaults | settings).items() if value is not None}
    return inherited | given | {"TMPDIR": str(directory)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process of ours and what it says."""

    pid: int
    stdout_file: Path
    stderr_file: Path

    @property
    def stdout(self) -> str:
        """What it has written to stdout so far."""
        return self.stdout_file.read_text()

    @property
    def stderr(self) -> str:
        """What it has written to stderr so far."""
        return self.stderr_file.read_text()

    @property
    def complaint(self) -> str:
        """The one line that it has written, to stderr, in order to say why it did not start."""
        assert self.stdout == ""
        (line,) = self.stderr.splitlines()
        return line.removeprefix("Error: ")

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged so far; a line that is still being written is left out.

        So is whether GraphiQL was built: that depends on the machine, which may have no Node.js.
        """
        lines = [json.loads(line) for line in self.stderr.splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if not line["event"].startswith("GraphiQL was not built")]

    async def logged(self, event: str) -> dict[str, Any]:
        """Return the log line of this event as soon as there is one; the process must not end before."""
        await until(lambda: f'"event": "{event}"' in self.stderr or not is_running(self.pid))
        found = [line for line in self.log if line["event"] == event]
        assert found, f"no {event!r}: {self.stderr}"
        return found[0]

    def check_secrets(self) -> None:
        """Check that it has told nobody what only the operator knows."""
        for secret in (API_KEY, PASSWORD):
            assert secret not in self.stdout + self.stderr

    async def url(self) -> str:
        """Return where it serves, as soon as it does."""
        line = await self.logged("serving")
        return str(line["graphql"]).removesuffix("/graphql")

    async def kill(self) -> None:
        """``kill -9`` it."""
        if is_running(self.pid):
            os.kill(self.pid, signal.SIGKILL)
        await until(lambda: not is_running(self.pid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Running):
    """A command that was started in the ordinary way, and has an exit code."""

    process: subprocess.Popen[bytes]

    async def exit_code(self) -> int:
        """Wait for its end and return its exit code."""
        await until(lambda: self.process.poll() is not None)
        assert self.process.returncode is not None
        return self.process.returncode

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it the signal and return its exit code."""
        self.process.send_signal(number)
        return await self.exit_code()


@dataclass(slots=True, kw_only=True)
class Commands:
    """Starts commands; ``end`` ends them and checks that nothing of them is left."""

    directory: Path
    program: tuple[str, ...] = (sys.executable, "-m", "graphql_api")
    mark: str = field(default_factory=lambda: uuid4().hex)
    started: list[Command] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def start(self, *arguments: str, **settings: object) -> Command:
        """Start ``graphql-api`` with these arguments and settings, and return at once."""
        name = f"command-{next(self._numbers)}"
        stdout_file, stderr_file = (self.directory / f"{name}.{stream}" for stream in ("out", "err"))
        with stdout_file.open("wb") as stdout, stderr_file.open("wb") as stderr:
            process = subprocess.Popen(
                [*self.program, *arguments],
                cwd=self.directory,
                env=environment(self.directory, **settings) | {MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        command = Command(pid=process.pid, stdout_file=stdout_file, stderr_file=stderr_file, process=process)
        self.started.append(command)
        return command

    async def run(self, *arguments: str, **settings: object) -> Command:
        """Start the command and wait for its end."""
        command = self.start(*arguments, **settings)
        await command.exit_code()
        return command

    def left(self) -> list[int]:
        """Return the processes that live, of those started here and those which they started."""
        return [pid for pid in _processes_marked(self.mark) if is_running(pid)]

    async def end(self) -> None:
        """Kill what still runs; a mongod whose server was killed ends by itself."""
        for command in self.started:
            command.process.kill()
            await command.exit_code()
            command.check_secrets()
        await until(lambda: not self.left())


def _processes_marked(mark: str) -> Iterator[int]:
    """Yield the processes with the mark in their environment; only Linux tells."""
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            environ = file.read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
        if f"{MARK}={mark}".encode() in environ.split(b"\0"):
            yield int(file.parent.name)
