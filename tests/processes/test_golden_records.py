"""Golden records in files, beside a server that runs on nothing but its defaults."""

from pathlib import Path

import httpx2
import orjson

from graphql_api.sandbox.mongod import free_port
from tests.processes.client import CREATE_CONNECTION, Client
from tests.processes.command import Commands

DEFOG = Path(__file__).parents[1] / "data" / "golden_records_defog.jsonl"


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
    for arguments in (
        ("import", str(DEFOG), "--db-connection", source),
        ("export", exported, "--db-connection", source),
        ("import", exported, "--db-connection", target),
    ):
        command = await commands.run("golden-records", *arguments, port=port)
        assert command.process.returncode == 0, command.stderr
    again = await commands.run("golden-records", "export", "--db-connection", target, port=port)
    assert (again.stdout.encode(), again.stderr) == (Path(exported).read_bytes(), "exported 210\n")  # noqa: ASYNC240  a small file
    questions = [orjson.loads(line)["prompt_text"] for line in DEFOG.read_bytes().splitlines()]
    assert [orjson.loads(line)["prompt_text"] for line in again.stdout.splitlines()] == questions
    created = await client.create(target)
    await client.becomes(created["id"], "RUNNING")
    assert await server.stop() == 0
