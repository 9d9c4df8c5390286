"""Both examples at a server that asks for a credential."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from graphql_api.access.key_format import Key
from processes.nursery import Nursery
from tests.examples.program import EXAMPLE as PROGRAM
from tests.examples.workshop import EXAMPLES, make, one_at_a_time, read_until, running
from tests.processes.client import Client
from tests.processes.deployment import Deployment
from tests.processes.patience import DEADLINE_S
from tests.unhurried import KEYS, new_key, unhurried

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLE = EXAMPLES / "python"
PYTHON = str(EXAMPLE / ".venv" / "bin" / "python")
SCOPES = (
    "finetunings:read",
    "finetunings:write",
    "finetunings:cancel",
    "golden_records:read",
    "golden_records:write",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(
    mongodb_uri: str, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployment]:
    """Yield a deployment whose servers ask for a key."""
    async with unhurried(mongodb_uri, nursery, tmp_path_factory.mktemp("guarded"), **KEYS) as deployment:
        yield deployment


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def key(served: Client, deployment: Deployment) -> str:
    """Return a key, made as an operator makes it."""
    return await new_key(deployment, scopes=SCOPES)


@pytest.fixture(scope="session")
def generated() -> None:
    """Have the client for Python."""
    with one_at_a_time(EXAMPLE):
        make("make", "generate", f"PYTHON={sys.executable}", example=EXAMPLE)


@pytest.mark.parametrize("place", ["environment", "argument"])
async def test_the_tour_shows_its_credential(generated: None, server: Client, key: str, place: str) -> None:
    """Over HTTP and over the WebSocket alike, wherever it comes from; nothing prints it."""
    given = ("--token", key) if place == "argument" else ()
    environment = {} if place == "argument" else {"GRAPHQL_API_TOKEN": key}
    async with running(PYTHON, "tour.py", server.url, *given, example=EXAMPLE, **environment) as tour:
        stdout, _ = await tour.communicate()
    printed = stdout.decode()
    assert tour.returncode == 0, printed
    assert re.findall(r"^cancel.*: (\w+, \w+):", printed, re.MULTILINE) == ["CANCELLED, CONFIRMED"] * 2
    assert key not in printed


async def test_the_tour_says_that_it_needs_one(
    generated: None, deployment: Deployment, server: Client
) -> None:
    """One line without a traceback, and nothing is made."""
    before = len(deployment.live_jobs())
    async with running(PYTHON, "tour.py", server.url, example=EXAMPLE, GRAPHQL_API_TOKEN="") as tour:
        stdout, _ = await tour.communicate()
    told = "the server answers 401: it wants a credential, see --token\n"
    assert (tour.returncode, stdout.decode()) == (1, told)
    assert len(deployment.live_jobs()) == before


async def test_the_tour_ends_with_its_credential(
    generated: None, deployment: Deployment, server: Client
) -> None:
    """It does not try the same one again and again."""
    key, account = await new_key(deployment, scopes=SCOPES), deployment.sandbox.account
    durations, account.durations = account.durations, replace(account.durations, queued_s=3600)
    async with running(PYTHON, "tour.py", server.url, example=EXAMPLE, GRAPHQL_API_TOKEN=key) as tour:
        await read_until(tour.stdout, "JOB_ATTACHED")
        revoked = await deployment.commands.run("keys", "revoke", Key.parse(key).id, **deployment.settings)
        assert revoked.returncode == 0, revoked.stderr
        stdout, _ = await asyncio.wait_for(tour.communicate(), DEADLINE_S)
    account.durations = durations
    assert (tour.returncode, stdout.decode().splitlines()[-1][:24]) == (1, "the credential has ended")


async def test_the_program_in_typescript_shows_its_credential(built: None, server: Client, key: str) -> None:
    """From the environment; without it the server's refusal is its last word."""
    for token, code in ((key, 0), ("", 1)):
        given = {"GRAPHQL_URL": f"{server.url}/graphql", "GRAPHQL_API_TOKEN": token}
        async with running("node", "dist/main.js", "list", example=PROGRAM, **given) as program:
            stdout, _ = await program.communicate()
        assert (program.returncode, key in stdout.decode()) == (code, False)
