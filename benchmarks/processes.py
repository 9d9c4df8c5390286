"""Server processes of a run: started, waited for, their CPU time read from outside, and ended."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from graphql_api.composition.settings import Settings
from graphql_api.embedded_mongod.lifeline import tied_to_this_process
from graphql_api.embedded_mongod.mongod import free_port, stop

HOST = "127.0.0.1"
_START_S = 30.0
_POLL_S = 0.05
_STOP_S = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A server that runs in a process of its own and listens on loopback."""

    name: str
    port: int
    pid: int

    def cpu_s(self) -> float:
        """Return the CPU time that the process has used so far, all threads, in seconds."""
        return _cpu_s(self.pid)

    def memory_bytes(self) -> int:
        """Return how much memory is the process's own."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return sum(
            1024 * int(size) for size in re.findall(r"^Private_\w+: +(\d+) kB", rollup, flags=re.MULTILINE)
        )


def own_cpu_s() -> float:
    """Return the CPU time that this process has used so far, in seconds."""
    return _cpu_s(os.getpid())


def _cpu_s(pid: int) -> float:
    """Read a process's clock, in nanoseconds rather than the 10 ms ticks of ``/proc``; Linux only."""
    # What glibc's clock_getcpuclockid() returns: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
    return time.clock_gettime((~pid << 3) | 2)


@asynccontextmanager
async def running(
    name: str, command: Sequence[str], *, settings: Mapping[str, str], directory: Path
) -> AsyncIterator[ServerProcess]:
    """Run ``python -m <command>`` until the end, ready to serve; ``{port}`` in it is the port to listen on.

    Raises ``RuntimeError`` with its log if it does not come to listen.
    """
    port, log = free_port(), directory / f"{name}.log"
    process = _launch([part.format(port=port) for part in command], {**settings, "PORT": str(port)}, log=log)
    try:
        await _listening(process, port=port, log=log)
        yield ServerProcess(name=name, port=port, pid=process.pid)
    finally:
        await stop(process, within_seconds=_STOP_S)


def _launch(command: Sequence[str], settings: Mapping[str, str], *, log: Path) -> subprocess.Popen[bytes]:
    ours = {name.upper() for name in Settings.model_fields}
    environment = {key: value for key, value in os.environ.items() if key.upper() not in ours}
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own command line, no shell sees it
            tied_to_this_process([sys.executable, "-m", *command]),
            env={**environment, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is for this process alone, which ends the others in order
        )


async def _listening(process: subprocess.Popen[bytes], *, port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not await _accepts(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"a server did not start: {await asyncio.to_thread(log.read_text)}")
        await asyncio.sleep(_POLL_S)


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
