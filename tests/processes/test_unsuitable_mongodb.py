"""An unsuitable MongoDB is refused, with its remedy.

The check, serve, worker and /readyz refuse it in one line.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from chaos.replica_set import uri
from processes.nursery import Nursery
from tests.processes.client import Client
from tests.processes.command import API_KEY, PASSWORD, Commands, forked
from tests.processes.deployment import PATIENT, Deployment
from tests.processes.patience import eventually
from tests.processes.replicas import replica_set
from tests.processes.wall_clock import wall_clock
from tests.store.pretended import pretended_mongodb
from tests.store.test_suitability import PRIMARY, mongod_started

STANDALONE = (
    "is not a replica set, so it has neither change streams nor majorities: "
    "start it with --replSet rs0 and run rs.initiate() on it, once"
)

COMMANDS = ["check", "serve", "worker"]
BEHIND = r"MongoDB's clock is 3[56]\d\d s behind this machine's: set both by the same time server"


async def _complaint(commands: Commands, command: str, **settings: object) -> str:
    """Return the one line of the command's refusal of this MongoDB; a check has other lines, too."""
    given = {"mongodb_timeout_s": 3, "openai_api_key": API_KEY, **settings}
    process = await commands.run(command, **given)
    assert process.returncode == 1
    if command != "check":
        return process.complaint
    assert process.stderr == ""
    (line,) = [line for line in process.stdout.splitlines() if line.startswith("mongodb: ")]
    return line.removeprefix("mongodb: ")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standalone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    """Yield the port of a mongod that is no replica set: it takes no writes."""
    async with mongod_started(tmp_path_factory.mktemp("standalone")) as port:
        yield port


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("options", ["directConnection=true", "replicaSet=rs0", ""])
async def test_a_standalone(unmeasured: Commands, standalone: int, options: str) -> None:
    """However the URI names it, by all commands: every subscription would fail on it."""
    mongodb_uri = f"mongodb://127.0.0.1:{standalone}/?{options}"
    told = await asyncio.gather(
        *(_complaint(unmeasured, command, mongodb_uri=mongodb_uri) for command in COMMANDS)
    )
    assert told == [f"MONGODB_URI: MongoDB at 127.0.0.1:{standalone} {STANDALONE}"] * len(COMMANDS)


async def test_a_replica_set_that_was_never_initiated(unmeasured: Commands, tmp_path: Path) -> None:
    """By the driver it is only unreachable; each server is looked at by itself."""
    async with mongod_started(tmp_path / "db", "--replSet", "rs0") as port:
        told = await _complaint(unmeasured, "check", mongodb_uri=f"mongodb://127.0.0.1:{port}")
    assert told == (
        f"MONGODB_URI: MongoDB at 127.0.0.1:{port} is a member of a replica set that does not exist yet: "
        "run rs.initiate() on it, once"
    )


async def test_members_without_a_primary(unmeasured: Commands, tmp_path: Path) -> None:
    """One of three members is left; and with all of them up, a secondary named alone is refused."""
    async with replica_set(tmp_path) as replicas:
        (first, second) = await replicas.secondaries()
        port = next(port for port, process in replicas.processes.items() if process is first)
        alone = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        named = await _complaint(unmeasured, "check", mongodb_uri=alone)
        assert f"MongoDB at 127.0.0.1:{port} is not the primary of its replica set, 127.0.0.1:" in named
        await replicas.kill_primary()
        second.kill()
        await second.wait()
        left = await _complaint(unmeasured, "serve", mongodb_uri=uri(replicas.ports))
    assert left == (
        f"MONGODB_URI: MongoDB at 127.0.0.1:{port} is in the replica set rs0 without a primary: "
        "check that a majority of its members is up"
    )


async def test_a_primary_without_a_majority(unmeasured: Commands, tmp_path: Path) -> None:
    """It takes writes, but a failover could take back its own lone acknowledgement."""
    async with replica_set(tmp_path) as replicas:
        await replicas.be_patient()
        for process in await replicas.secondaries():
            process.kill()
            await process.wait()
        told = await _complaint(unmeasured, "check", mongodb_uri=uri(replicas.ports))
    assert told == (
        "MONGODB_URI: MongoDB did not acknowledge a write by a majority within 3 s: "
        "check that a majority of the data-bearing members is up"
    )


async def test_another_time_is_only_told(deployment: Deployment, tmp_path: Path) -> None:
    """By check, at the start and by /readyz; a clock is no reason to refuse."""
    deployment.settings |= PATIENT
    clock = wall_clock(tmp_path)
    clock.set(ahead_s=3600)
    with Nursery(clock.environment) as ahead:
        check = forked(ahead, tmp_path).start("check", **{**deployment.settings, "port": 0})
        assert await check.exit_code() == 0, check.stdout + check.stderr
        client = await deployment.start(nursery=ahead)
        ready = await client.http.get(f"{client.url}/readyz")
    settings, mongodb, _, provider = check.stdout.splitlines()
    assert (settings[:12], provider[:12]) == ("settings: ok", "provider: ok")
    assert re.match(f"mongodb: ok, but {BEHIND} \\(", mongodb)
    assert ready.status_code == 200
    assert re.fullmatch(f"ok, but {BEHIND}", ready.json()["mongodb"])
    warnings = [line["event"] for line in deployment.servers[0].log if line["level"] == "warning"]
    assert [bool(re.fullmatch(BEHIND, warning)) for warning in warnings] == [True]


async def test_an_old_one(unmeasured: Commands, tmp_path: Path) -> None:
    """One too old for the driver, by its own word."""
    async with pretended_mongodb({**PRIMARY, "maxWireVersion": 8}) as port:
        mongodb_uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        told = await _complaint(unmeasured, "check", mongodb_uri=mongodb_uri)
    assert told == f"MONGODB_URI: MongoDB at 127.0.0.1:{port} is older than 4.4: upgrade it"


async def test_a_server_is_not_ready_on_a_standalone(
    commands: Commands, deployment: Deployment, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    """A standalone MongoDB under a running server is refused by /readyz, soon with the remedy.

    A write refused by it makes the driver doubt the server until its next heartbeat, 10 s later at most.
    """
    options = ["--setParameter", "diagnosticDataCollectionEnabled=false"]
    async with mongod_started(tmp_path / "db", "--replSet", "rs0", *options) as port:
        settings = {**deployment.settings, "mongodb_timeout_s": 2}
        settings["mongodb_uri"] = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        await _initiate(port)
        client_of_server = Client(http, await commands.start("serve", **settings).url())
        ready = await http.get(f"{client_of_server.url}/readyz")
        assert (ready.status_code, ready.json()["mongodb"]) == (200, "ok")

    async def remedy() -> str | None:
        ready = await http.get(f"{client_of_server.url}/readyz")
        assert ready.status_code == 503
        told = str(ready.json()["mongodb"])
        return None if told.startswith("MongoDB does not answer") else told

    async with mongod_started(tmp_path / "db", *options, port=port):
        assert await eventually(remedy) == f"MongoDB at 127.0.0.1:{port} {STANDALONE}"


async def test_an_index_in_the_way(unmeasured: Commands, deployment: Deployment, tmp_path: Path) -> None:
    """It is named with its collection and database by check and serve."""
    where, database = (str(deployment.settings[name]) for name in ("mongodb_uri", "mongodb_database"))
    async with AsyncMongoClient[dict[str, object]](where) as client:
        await client[database]["finetunings"].create_index("due_at", name="due")
    for command in ("check", "serve"):
        assert await _complaint(unmeasured, command, **deployment.settings) == (
            f'MONGODB_URI: the collection {database}.finetunings has the index "due" in another form than '
            f'this version needs for "due": run db.finetunings.dropIndex("due") in {database}, '
            "then start again; no documents are lost"
        )


async def _initiate(port: int, **user: Any) -> None:
    """Make the mongod a replica set of one member, with a user if one is given."""
    mongodb_uri, host = f"mongodb://127.0.0.1:{port}/?directConnection=true", f"127.0.0.1:{port}"
    async with AsyncMongoClient[dict[str, object]](mongodb_uri) as client:
        await client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": host}]})

        async def look() -> bool | None:
            return (await client.admin.command("hello"))["isWritablePrimary"] or None

        await eventually(look)
        if user:
            await client.admin.command("createUser", **user)


async def test_a_user_without_rights(unmeasured: Commands, tmp_path: Path) -> None:
    """No user, a wrong password and a read-only user are told apart, without the password."""
    key = tmp_path / "key"
    key.write_text("c2VjcmV0")
    key.chmod(0o600)
    as_a_set = ["--replSet", "rs0"]
    async with mongod_started(tmp_path / "db", *as_a_set) as port:
        reads = [{"role": "read", "db": "finetuning"}]
        await _initiate(port, createUser="reader", pwd=PASSWORD, roles=reads)
    async with mongod_started(tmp_path / "db", *as_a_set, "--keyFile", str(key), port=port):
        told = [
            await _complaint(unmeasured, "check", mongodb_uri=f"mongodb://{user}127.0.0.1:{port}")
            for user in ("", f"reader:{PASSWORD}-wrong@", f"reader:{PASSWORD}@")
        ]
    assert [line.removeprefix("MONGODB_URI: ") for line in told] == [
        "MongoDB requires a user name and a password, and MONGODB_URI has none",
        "MongoDB refuses user name or password: correct them, or name their database with authSource",
        "the user lacks rights in the database finetuning: give it the role readWrite there",
    ]
