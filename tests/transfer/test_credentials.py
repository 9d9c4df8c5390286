"""The command line at a server that wants a credential."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graphql_api.cli import main
from graphql_api.scopes import Scope
from tests.http.guarded import Guarded, guarded_server
from tests.world import World

RECORD = '{"prompt_text": "Who?", "sql": "SELECT 1"}\n'


@pytest.fixture
async def guarded(world: World) -> AsyncIterator[Guarded]:
    """Yield a server that wants keys."""
    async with guarded_server(world) as server:
        yield server


async def run(guarded: Guarded, *arguments: str, token: str | None = None, connection: str) -> Result:
    """Run ``golden-records`` with the token in the environment."""
    given = [
        "golden-records",
        *arguments,
        "--db-connection",
        connection,
        "--url",
        f"{guarded.http.base_url}/graphql",
    ]
    environment = {"GRAPHQL_API_TOKEN": token}
    return await asyncio.to_thread(CliRunner().invoke, main, given, env=environment)


async def test_the_token_comes_from_the_environment_or_an_option(
    guarded: Guarded, world: World, tmp_path: Path
) -> None:
    """With either, records go in and come out."""
    connection = str((await world.connection(golden_records=0)).id)
    key = await guarded.key(Scope.GOLDEN_RECORDS_READ, Scope.GOLDEN_RECORDS_WRITE)
    file = tmp_path / "records.jsonl"
    file.write_text(RECORD)
    imported = await run(guarded, "import", str(file), token=key.text, connection=connection)
    assert imported.stdout == "added 1, skipped 0 already there\n"
    exported = await run(guarded, "export", "--token", key.text, connection=connection)
    assert exported.stdout == RECORD.replace(": ", ":").replace(", ", ",")


async def test_without_a_token_one_line_says_where_it_goes(guarded: Guarded, world: World) -> None:
    """Nothing is written."""
    connection = str((await world.connection(golden_records=0)).id)
    refused = await run(guarded, "export", connection=connection)
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1].endswith("Give it with --token, or set GRAPHQL_API_TOKEN.")


async def test_a_missing_scope_is_named(guarded: Guarded, world: World) -> None:
    """And the token is not repeated."""
    connection = str((await world.connection(golden_records=0)).id)
    key = await guarded.key(Scope.FINETUNINGS_READ)
    refused = await run(guarded, "export", token=key.text, connection=connection)
    assert "requires the scope golden_records:read" in refused.stderr
    assert key.text not in refused.output
