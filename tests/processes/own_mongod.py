"""A mongod of one test's own.

It goes away under the servers and comes back with its data.
"""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from tests.process_states import is_running


@dataclass(slots=True, kw_only=True)
class OwnMongod:
    """A mongod with the same data and the same socket from one run to the next."""

    directory: Path
    run: EmbeddedMongod = field(init=False)

    async def start(self) -> None:
        """Start it, as after a crash if it was killed."""
        self.run = EmbeddedMongod(self.directory)
        await self.run.__aenter__()

    async def kill(self) -> None:
        """``kill -9`` it: connections to it are refused."""
        os.kill(self.run.pid, signal.SIGKILL)
        await self.run.__aexit__()

    async def freeze(self) -> None:
        """Stop it in its tracks: connections stay open, and nothing is answered."""
        os.kill(self.run.pid, signal.SIGSTOP)

    async def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.run.pid, signal.SIGCONT)


@asynccontextmanager
async def own_mongod(directory: Path) -> AsyncIterator[OwnMongod]:
    """Yield a running mongod, and end it in any state."""
    mongod = OwnMongod(directory=directory)
    await mongod.start()
    try:
        yield mongod
    finally:
        if is_running(mongod.run.pid):
            await mongod.thaw()
        await mongod.run.__aexit__()
