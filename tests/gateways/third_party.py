"""A server written by others, as a child process.

It stays on this machine and ends with its test.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes.patience import POLL_S

NOWHERE = "http://127.0.0.1:9"
"""A proxy without a listener: every way out of the machine fails at once."""
LOOPBACK_ONLY = {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1"}
LISTENING = re.compile(r"(?:listening|running) on (http://127\.0\.0\.1:\d+)")
"""The line of each server with its address, printed when it is up."""
START_S = 150
"""LiteLLM takes a tenth of this, and a third on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty:
    """The process, and its output."""

    process: asyncio.subprocess.Process
    output_file: Path

    @property
    def output(self) -> str:
        """Its output so far."""
        return self.output_file.read_text()

    async def url(self) -> str:
        """Return its address, as soon as it serves."""
        async with asyncio.timeout(START_S):
            while (found := LISTENING.search(self.output)) is None:
                assert self.process.returncode is None, self.output
                await asyncio.sleep(POLL_S)
        return found[1]


@asynccontextmanager
async def running(*command: str | Path, directory: Path, **environment: str) -> AsyncIterator[ThirdParty]:
    """Start the command in this directory; it is gone at the end in any case."""
    output_file = directory / f"{Path(command[0]).name}.out"
    both_cases = LOOPBACK_ONLY | {name.lower(): value for name, value in LOOPBACK_ONLY.items()}
    with output_file.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=directory,
            env={**os.environ, **both_cases, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        yield ThirdParty(process=process, output_file=output_file)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
