"""A served world, and the command line beside it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.cli import main
from graphql_api.composition.server import serving
from graphql_api.composition.settings import Settings
from graphql_api.documents import DbConnection, GoldenRecord
from tests.http.conftest import SETTINGS, resources_of
from tests.world import World

DEFOG = Path(__file__).parents[1] / "data" / "golden_records_defog.jsonl"


@dataclass(slots=True, kw_only=True)
class Shell:
    """Runs commands against one server, from a directory of its own."""

    world: World
    url: str
    directory: Path

    async def run(
        self,
        command: str,
        *arguments: str,
        to: DbConnection | str | None,
        url: str = "",
        stdin: bytes | BinaryIO = b"",
    ) -> Result:
        """Run ``golden-records`` and return its result."""
        connection = [] if to is None else ["--db-connection", to if isinstance(to, str) else str(to.id)]
        options = [*connection, "--url", url or self.url]
        given = ["golden-records", command, *arguments, *options]
        return await asyncio.to_thread(CliRunner().invoke, main, given, input=stdin)

    def file(self, lines: Sequence[Any], name: str = "records.jsonl") -> str:
        """Write the lines, each as bytes or made JSON, and return the path."""
        path = self.directory / name
        texts = (one if isinstance(one, bytes) else orjson.dumps(one) for one in lines)
        path.write_bytes(b"".join(text + b"\n" for text in texts))
        return str(path)

    def lines(self, path: str) -> list[Any]:
        """Return the content of a file's lines."""
        return [orjson.loads(line) for line in Path(path).read_bytes().split(b"\n") if line]

    async def stored(self, connection: DbConnection) -> list[tuple[str, str, Any]]:
        """Return the content of the connection's records, the oldest first."""
        found = GoldenRecord.find({"tenant": "default", "db_connection_id": connection.id})
        ordered = found.sort("+created_at", "+_id")
        return [(one.prompt_text, one.sql, one.metadata) async for one in ordered]


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """Keep the server's log from stdout: it would be taken for the commands' output."""
    with capture_logs():
        yield


@pytest.fixture
def settings() -> Settings:
    """Yield the server's settings."""
    return SETTINGS


@pytest.fixture
async def shell(
    world: World, settings: Settings, sql_check: SqlCheck, tmp_path: Path
) -> AsyncIterator[Shell]:
    """Yield a shell beside a server of the world."""
    async with serving(settings, resources_of(world, sql_check=sql_check)) as url:
        yield Shell(world=world, url=f"{url}/graphql", directory=tmp_path)
