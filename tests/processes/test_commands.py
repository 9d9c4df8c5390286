"""The other commands: output, exit code and remains."""

import asyncio
import json
import re
import signal
import sys
from pathlib import Path

import httpx2
import pytest
from openai import AsyncOpenAI
from together import AsyncTogether

from chaos.ports import free_port
from graphql_api.sandbox.openai import Fault, FaultKind
from tests.processes.command import API_KEY, PASSWORD, Commands
from tests.processes.deployment import PATIENT, Deployment
from tests.processes.patience import until

REPOSITORY = Path(__file__).parents[2]
DEMO_STEPS = [
    "Create a database connection",
    "Add golden records",
    "Create a finetuning",
    "Wait until the provider trains it",
    "Cancel it",
    "List all finetunings",
    "Ask the provider itself",
]


@pytest.fixture
def deployment(deployment: Deployment) -> Deployment:
    """Give a command time for its calls: it makes each of them once."""
    deployment.settings |= PATIENT
    return deployment


def _left_in(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir() if entry.is_dir())


async def test_demo_tells_the_whole_story(entry_point: Commands) -> None:
    """The demo prints each request and answer, ends well, and leaves neither a directory nor a process."""
    demo = await entry_point.run("demo")
    assert demo.returncode == 0, demo.stderr
    assert re.findall("── (.*) ──", demo.stdout) == DEMO_STEPS
    assert demo.stdout.count("✓") == 10
    assert '"status": "CANCELLED"' in demo.stdout
    assert '"status": "cancelled"' in demo.stdout
    assert "Traceback" not in demo.stderr
    assert "GraphiQL" not in demo.stderr  # it opens no page, so none is missed
    assert _left_in(entry_point.directory) == []
    assert entry_point.left() == []


async def test_the_demo_is_the_same_at_another_provider(entry_point: Commands) -> None:
    """Together AI's stand-in says ``cancel_requested`` first; the answer waits for its last word."""
    demo = await entry_point.run("demo", "--provider", "together")
    assert demo.returncode == 0, demo.stderr
    assert re.findall("── (.*) ──", demo.stdout) == DEMO_STEPS
    assert demo.stdout.count("✓") == 10
    assert '"modelProvider": "together"' in demo.stdout
    assert '"status": "cancelled"' in demo.stdout
    assert entry_point.left() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_demo_interrupted(commands: Commands, number: signal.Signals) -> None:
    """A demo stopped half-way ends without a traceback, and leaves as little."""
    demo = commands.start("demo")
    await until(lambda: DEMO_STEPS[2] in demo.stdout)
    assert await demo.stop(number) == 1
    assert demo.stderr.splitlines()[-1] == "Error: the demo was stopped"
    assert "Traceback" not in demo.stderr
    assert "GraphiQL" not in demo.stderr  # it opens no page, so none is missed
    assert commands.left() == []
    assert _left_in(commands.directory) == []


async def test_sandbox_serves_the_real_sdk(entry_point: Commands) -> None:
    """``graphql-api sandbox`` answers OpenAI's SDK, and says in banner and ids that it is a stand-in."""
    sandbox = entry_point.start("sandbox", "--port", "0")
    line = await sandbox.logged("sandbox: a stand-in for OpenAI, nothing is trained")
    async with AsyncOpenAI(api_key=API_KEY, base_url=line["base_url"], max_retries=0) as client:
        file = await client.files.create(file=("train.jsonl", b"{}\n"), purpose="fine-tune")
        job = await client.fine_tuning.jobs.create(model="gpt-4.1-mini-2025-04-14", training_file=file.id)
        cancelled = await client.fine_tuning.jobs.cancel(job.id)
    assert job.id.startswith("ftjob-sandbox")
    assert cancelled.status == "cancelled"
    assert await sandbox.stop() == 0


async def test_sandbox_stands_in_for_together_ai(entry_point: Commands) -> None:
    """``--provider together`` answers its SDK, and another name is refused with those that can be given."""
    sandbox = entry_point.start("sandbox", "--port", "0", "--provider", "together")
    line = await sandbox.logged("sandbox: a stand-in for Together AI, nothing is trained")
    url = line["base_url"].removesuffix("/v1")
    async with AsyncTogether(api_key=API_KEY, base_url=url, max_retries=0) as client:
        assert (await client.fine_tuning.list()).data == []
    assert await sandbox.stop() == 0
    refused = await entry_point.run("sandbox", "--provider", "nobody")
    assert refused.returncode == 2
    assert "'nobody' is not one of 'openai', 'together'" in refused.stderr


async def test_schema_is_the_file(entry_point: Commands) -> None:
    """``graphql-api schema`` prints schema.graphql, byte for byte, without a setting or a file."""
    command = await entry_point.run("schema")
    assert command.returncode == 0
    assert command.stdout == (REPOSITORY / "schema.graphql").read_text()
    assert command.stderr == ""
    assert _left_in(entry_point.directory) == []


async def test_check_of_a_good_deployment(entry_point: Commands, deployment: Deployment) -> None:
    """``graphql-api check`` has one line for each part, and exit code 0 when all are well."""
    command = await entry_point.run("check", **{**deployment.settings, "port": 0})
    parts = ["settings", "mongodb", "address", "provider"]
    assert [line.partition(" (")[0] for line in command.stdout.splitlines()] == [
        f"{one}: ok" for one in parts
    ]
    assert command.stderr == ""
    assert command.returncode == 0


async def test_check_of_a_provider_that_drops_metadata(commands: Commands, deployment: Deployment) -> None:
    """``graphql-api check`` says so by the newest known job, makes no job, and exits with 0."""
    deployment.fault(Fault(kind=FaultKind.METADATA_DROPPED, operation="jobs.create"))
    client = await deployment.start()
    await deployment.training(client, await client.connection())
    command = await commands.run("check", **{**deployment.settings, "port": 0})
    assert command.stdout.splitlines()[3].startswith(
        "provider: ok, but its latest job does not show the metadata sent with it: "
        "its jobs are known by their training files alone ("
    )
    assert (command.returncode, len(deployment.sandbox.account.jobs())) == (0, 1)


async def test_check_of_a_refused_key(commands: Commands, deployment: Deployment) -> None:
    """``graphql-api check`` says that the provider refuses the key, without the key, and has exit code 1."""
    refusal = Fault(
        kind=FaultKind.STATUS, status=401, code="invalid_api_key", message=f"Incorrect API key: {API_KEY}"
    )
    deployment.fault(refusal)
    command = await commands.run("check", **{**deployment.settings, "port": 0})
    settings, mongodb, _, provider = command.stdout.splitlines()
    assert (settings[:12], mongodb[:11]) == ("settings: ok", "mongodb: ok")
    assert provider.startswith("provider: ")
    assert not provider.startswith("provider: ok")
    assert command.stderr == ""
    assert command.returncode == 1


async def test_check_of_a_mongodb_out_of_reach(unmeasured: Commands, deployment: Deployment) -> None:
    """``graphql-api check`` names it by its setting, without its password; the provider is asked."""
    uri = f"mongodb://operator:{PASSWORD}@127.0.0.1:{free_port()}"
    settings = {
        **deployment.settings,
        "mongodb_uri": uri,
        "mongodb_timeout_s": 2,
        "port": 0,
    }
    command = await unmeasured.run("check", **settings)
    assert command.returncode == 1
    first, second, _, fourth = command.stdout.splitlines()
    assert (first[:12], fourth[:12]) == ("settings: ok", "provider: ok")
    assert second.startswith("mongodb: MONGODB_URI: MongoDB cannot be used: ")
    assert command.stderr == ""


async def test_log_is_json_lines(commands: Commands, http: httpx2.AsyncClient, mongodb_uri: str) -> None:
    """Every line of a server's log, uvicorn's and a failure's among them, is one JSON object of its own."""
    settings = {"mongodb_uri": f"{mongodb_uri}&unknownOption=1", "mongodb_database": "processes_log"}
    server = commands.start("serve", **settings, openai_api_key=API_KEY, log_level="debug", log_format="auto")
    url = await server.url()
    await http.post(f"{url}/graphql", json={"query": "{ nothing }"})
    await asyncio.gather(*(http.get(f"{url}/{path}") for path in ("livez", "readyz", "nowhere")))
    assert await server.stop() == 0
    assert server.stdout == ""
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)
    told = {line["logger"]: line["event"] for line in lines}
    assert told["graphql_api.composition.server"] == "stopping"
    assert "unknownoption" in told["py.warnings"].lower()


async def test_help_is_fast_and_names_every_command(entry_point: Commands) -> None:
    """``graphql-api --help`` imports no large library and names every command."""
    command = await entry_point.run("--help")
    listed = re.findall(r"^  ([\w-]+) ", command.stdout.partition("Commands:")[2], flags=re.MULTILINE)
    nouns = ["db-connections", "finetunings", "golden-records"]
    assert listed == sorted(
        ["audit", "check", "credentials", "demo", "keys", "sandbox", "schema", "serve", "worker", *nouns]
    )
    code = (
        "import sys, graphql_api.cli; print({'strawberry', 'pymongo', 'openai', 'httpx2'} & set(sys.modules))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY
    )
    stdout, _ = await process.communicate()
    assert stdout == b"set()\n"
