"""Server processes of a run: started, measured and ended.

Their CPU time is read from outside.
"""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from chaos.ports import free_port
from processes.child import ChildProcess
from processes.environment import environment
from processes.starter import Starter
from processes.usage import cpu_s

HOST = "127.0.0.1"
_START_S = 30.0
_POLL_S = 0.05
_STOP_S = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A server in a process of its own, on loopback."""

    name: str
    port: int
    pid: int

    def cpu_s(self) -> float:
        """Return the CPU time used by the process so far, all threads, in seconds."""
        return cpu_s(self.pid)

    def memory_bytes(self) -> int:
        """Return how much memory is the process's own."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return sum(
            1024 * int(size) for size in re.findall(r"^Private_\w+: +(\d+) kB", rollup, flags=re.MULTILINE)
        )


def own_cpu_s() -> float:
    """Return the CPU time used by this process so far, in seconds."""
    return cpu_s(os.getpid())


@asynccontextmanager
async def running(
    name: str,
    command: Sequence[str],
    *,
    settings: Mapping[str, str],
    directory: Path,
    starter: Starter,
) -> AsyncIterator[ServerProcess]:
    """Run the module up to the end, ready to serve; ``{port}`` in its arguments is the port to listen on.

    Raises ``RuntimeError`` with its log if it does not come to listen.
    """
    port, log = free_port(), directory / f"{name}.log"
    process = starter(
        [part.format(port=port) for part in command],
        directory=directory,
        environment=environment({**settings, "PORT": port}),
        stdout=log,
        stderr=log,
    )
    try:
        await _listening(process, port=port, log=log)
        yield ServerProcess(name=name, port=port, pid=process.pid)
    finally:
        process.send(signal.SIGTERM)
        with suppress(TimeoutError):
            await process.exit_code(within_s=_STOP_S)
        await process.kill(within_s=_STOP_S)


async def _listening(process: ChildProcess, *, port: int, log: Path) -> None:
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
