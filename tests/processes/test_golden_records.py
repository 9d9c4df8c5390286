"""Golden records in files, beside a default server."""

import asyncio
import signal
from pathlib import Path

import httpx2
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chaos.ports import free_port
from graphql_api.composition.server import answering, listen
from graphql_api.composition.settings import Settings
from graphql_api.transfer.batches import MOST_A_BATCH
from tests.process_states import is_waiting
from tests.processes.client import CREATE_CONNECTION, Client
from tests.processes.command import Commands
from tests.processes.patience import until

NEWEST = "query ($of: ID!) { goldenRecords(dbConnectionId: $of, first: 100) { nodes { promptText } } }"
IMPORTED = "added 210, skipped 0 already there\n"
DEFOG = Path(__file__).parents[1] / "data" / "golden_records_defog.jsonl"


async def test_files_go_in_and_out_beside_a_running_server(
    commands: Commands, entry_point: Commands, http: httpx2.AsyncClient
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
    for starter, arguments, told in (
        (entry_point, ("import", str(DEFOG), "--db-connection", source), IMPORTED),
        (commands, ("export", exported, "--db-connection", source), ""),
        (commands, ("import", exported, "--db-connection", target), IMPORTED),
    ):
        command = await starter.run("golden-records", *arguments, port=port)
        assert (command.returncode, command.stdout) == (0, told), command.stderr
    questions = [orjson.loads(line)["prompt_text"] for line in DEFOG.read_bytes().splitlines()]
    newest = await client.ask(NEWEST, of=target)
    assert [one["promptText"] for one in newest["nodes"]] == questions[:-101:-1]
    created = await client.create(target)
    await client.becomes(created["id"], "RUNNING")
    assert await server.stop() == 0


async def test_an_interrupted_import_tells_what_is_stored(commands: Commands) -> None:
    """So does one refused by its server, with the exit code that shells expect."""
    waits, ended = asyncio.Event(), asyncio.Event()

    async def graphql(request: Request) -> JSONResponse:
        given = (await request.json())["variables"]
        if not given:
            return JSONResponse({"data": {"sqlCheck": "WARN"}})
        if "id" in given:
            return JSONResponse({"data": {"dbConnection": {"id": "c", "alias": "a", "dialect": "postgres"}}})
        records = given["input"]["goldenRecords"]
        if len(records) < MOST_A_BATCH:  # the last batch
            waits.set()
            await ended.wait()
        return JSONResponse({"data": {"addGoldenRecords": [{**one, "warnings": []} for one in records]}})

    file = commands.directory / "records.jsonl"
    lines = [{"prompt_text": f"Question {n}?", "sql": "SELECT 1"} for n in range(MOST_A_BATCH + 1)]
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    app = Starlette(routes=[Route("/graphql", graphql, methods=["POST"])])
    with listen("127.0.0.1", 0, unread_s=60) as listener:
        port = listener.getsockname()[1]
        async with answering(app, listener, settings=Settings()):
            arguments = ("import", str(file), "--db-connection", "c" * 24)
            command = commands.start("golden-records", *arguments, host="127.0.0.1", port=port)
            await waits.wait()
            # A signal that comes just before Python begins to wait is not seen until the wait is over.
            for _ in range(20):
                await until(lambda: is_waiting(command.pid))
                await asyncio.sleep(0.01)
            assert await command.stop(signal.SIGINT) == 130, command.stderr
            ended.set()
    assert command.stdout == ""
    assert command.stderr == (
        f"Interrupted: added {MOST_A_BATCH}, skipped 0 already there, "
        "and the batch in flight may be stored, too; run it again: nothing is added twice\n"
    )
