"""A served world, and the command line beside it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from graphql_api.cli import main
from tests.http.conftest import client_of
from tests.world import World


@dataclass(slots=True, kw_only=True)
class Shell:
    """Runs commands against one server, from a directory of its own."""

    world: World
    url: str
    directory: Path

    async def run(self, *arguments: str, token: str | None = None) -> Result:
        """Run a command and return its result."""
        given = [*arguments, "--url", self.url]
        environment = {"GRAPHQL_API_TOKEN": token}
        return await asyncio.to_thread(CliRunner().invoke, main, given, env=environment)

    async def stdout(self, *arguments: str) -> str:
        """Run a command that goes well, and return what it prints."""
        result = await self.run(*arguments)
        assert (result.exit_code, result.exception) == (0, None), result.output
        return result.stdout

    async def json(self, *arguments: str) -> Any:
        """Run a command that goes well with ``--json``, and return what it prints."""
        return orjson.loads(await self.stdout(*arguments, "--json"))

    def file(self, name: str, content: str | bytes) -> str:
        """Write a file and return its path."""
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """Keep the server's log from stdout: it would be taken for the commands' output."""
    with capture_logs():
        yield


@pytest.fixture
async def shell(world: World, tmp_path: Path) -> AsyncIterator[Shell]:
    """Yield a shell beside a server of the world."""
    async with client_of(world) as http:
        yield Shell(world=world, url=f"{http.base_url}/graphql", directory=tmp_path)
