"""Makes an example, one time for all test processes.

Without a reachable registry the tests are skipped.
"""

import asyncio
import fcntl
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.clients import node
from tests.processes.patience import DEADLINE_S

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SCHEMA = ROOT / "schema.graphql"
OUT_OF_REACH = (*node.OUT_OF_REACH, "ConnectTimeoutError", "NameResolutionError", "NewConnectionError")
"""npm's and pip's words for an unreachable registry: no fault of the project."""
UNPROXIED = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@contextmanager
def one_at_a_time(example: Path) -> Iterator[None]:
    """Keep other test processes from making the same example meanwhile."""
    with (example / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(*command: str, example: Path) -> str:
    """Run one of the example's own commands to its good end, and return its output."""
    done = subprocess.run(command, cwd=example, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    if done.returncode and any(word in told for word in OUT_OF_REACH):
        pytest.skip(f"{command[0]} cannot reach its registry")
    assert done.returncode == 0, told
    return told


@asynccontextmanager
async def running(
    *command: str, example: Path, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start one of the example's programs; it is gone at the end in any case."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=example,
        env={**os.environ, **UNPROXIED, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def read_until(stdout: asyncio.StreamReader | None, text: str) -> str:
    """Return the output up to the first line with the text in it; the line has to come."""
    assert stdout is not None
    printed = ""
    async with asyncio.timeout(DEADLINE_S):
        while text not in printed:
            line = await stdout.readline()
            assert line, printed
            printed += line.decode()
    return printed
