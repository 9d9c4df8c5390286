"""Golden records in files, beside a server that runs on nothing but its defaults."""

from pathlib import Path

import httpx2
import orjson
import pytest

from graphql_api.sandbox.mongod import free_port
from tests.processes.client import CREATE_CONNECTION, Client
from tests.processes.command import Commands

NEWEST = "query ($of: ID!) { goldenRecords(dbConnectionId: $of, first: 100) { nodes { promptText } } }"
IMPORTED = "added 210, skipped 0 that were there already\n"
DEFOG = Path(__file__).parents[1] / "data" / "golden_records_defog.jsonl"


@pytest.mark.timeout(120)  # four processes, one after the other
async def test_files_go_in_and_out_beside_a_running_server(
    commands: Commands, http: httpx2.AsyncClient
) -> None:
    """The server keeps its data directory to itself, so the commands ask it over its own address."""
    port = free_port()
    server = commands.start("serve", "--sandbox", port=port, host="127.0.0.1")
    client = Client(http, await server.url())
    source, target = [
        (await client.ask(CREATE_CONNECTION, input={"alias": alias, "dialect": "postgres"}))["id"]
        for alias in ("source", "target")
    ]
    exported = str(commands.directory / "exported.jsonl")
    for arguments, told in (
        (("import", str(DEFOG), "--db-connection", source), IMPORTED),
        (("export", exported, "--db-connection", source), ""),
        (("import", exported, "--db-connection", target), IMPORTED),
    ):
        command = await commands.run("golden-records", *arguments, port=port)
        assert (command.process.returncode, command.stdout) == (0, told), command.stderr
    questions = [orjson.loads(line)["prompt_text"] for line in DEFOG.read_bytes().splitlines()]
    newest = await client.ask(NEWEST, of=target)
    assert [one["promptText"] for one in newest["nodes"]] == questions[:-101:-1]
    created = await client.create(target)
    await client.becomes(created["id"], "RUNNING")
    assert await server.stop() == 0
