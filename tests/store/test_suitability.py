"""The message about an unsuitable MongoDB.

The tests use real ones as far as there are any.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from chaos.ports import free_port
from graphql_api.embedded_mongod.binary import find_mongod
from graphql_api.embedded_mongod.lifeline import tied_to_this_process
from graphql_api.store.database import connect
from graphql_api.store.suitability import (
    CLOCK_TOLERANCE_S,
    Remark,
    addresses,
    examine,
    examine_seeds,
    in_words,
)
from tests.store.pretended import pretended_mongodb

PRIMARY: dict[str, Any] = {"setName": "rs0", "isWritablePrimary": True}
SECONDARY: dict[str, Any] = {"setName": "rs0", "isWritablePrimary": False, "secondary": True}


OTHER_PRIMARY = (
    "is not the primary of its replica set, b:27017 is: "
    "remove directConnection from MONGODB_URI and write replicaSet=rs0"
)


@asynccontextmanager
async def mongod_started(directory: Path, *options: str, port: int | None = None) -> AsyncIterator[int]:
    """Start a real mongod with these options, on this port if given, and yield its port."""
    port = port or free_port()
    directory.mkdir(exist_ok=True)  # noqa: ASYNC240 - it takes no time
    line = [str(find_mongod()), "--dbpath", str(directory), "--port", str(port), "--bind_ip", "127.0.0.1"]
    line += ["--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", *options]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*tied_to_this_process(line), stdout=quiet, stderr=quiet)
    try:
        async with AsyncMongoClient[dict[str, Any]]("127.0.0.1", port, directConnection=True) as client:
            await client.admin.command("hello")
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _found(port: int, *, ahead_s: float = 0) -> str | None:
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    async with connect(uri, timeout_s=10) as client:
        return await examine(client, now=lambda: datetime.now(UTC) - timedelta(seconds=ahead_s))


async def test_the_embedded_one_will_do(mongodb_uri: str) -> None:
    """Nothing is found of a primary with a right clock."""
    async with connect(mongodb_uri, timeout_s=10) as client:
        assert await examine(client) is None
    assert await examine_seeds(mongodb_uri) is None


async def test_a_server_out_of_reach_keeps_its_name() -> None:
    """A server can answer and then be lost before it is named."""
    async with connect("mongodb://127.0.0.1:2,127.0.0.1:1/?replicaSet=rs0", timeout_s=1) as client:
        assert addresses(client) == "127.0.0.1:1, 127.0.0.1:2"


async def test_a_real_standalone_is_refused(tmp_path: Path) -> None:
    """A mongod without --replSet, also by a URI that takes it for a replica set."""
    async with mongod_started(tmp_path) as port:
        told = (
            f"MongoDB at 127.0.0.1:{port} is not a replica set, so it has neither change streams nor "
            "majorities: start it with --replSet rs0 and run rs.initiate() on it, once"
        )
        assert await _found(port) == told
        assert await examine_seeds(f"mongodb://127.0.0.1:{port}/?replicaSet=rs0") == told


async def test_a_real_member_of_nothing_is_refused(tmp_path: Path) -> None:
    """A mongod with --replSet but without a run of rs.initiate()."""
    async with mongod_started(tmp_path, "--replSet", "rs0") as port:
        told = (
            f"MongoDB at 127.0.0.1:{port} is a member of a replica set that does not exist yet: "
            "run rs.initiate() on it, once"
        )
        assert await _found(port) == told
        assert await examine_seeds(f"mongodb://127.0.0.1:{port}") == told


@pytest.mark.parametrize(
    ("hello", "wrong"),
    [
        (PRIMARY, None),
        ({"msg": "isdbgrid"}, None),
        (
            {**SECONDARY, "primary": "b:27017"},
            OTHER_PRIMARY,
        ),
        (
            SECONDARY,
            "is in the replica set rs0 without a primary: check that a majority of its members is up",
        ),
        ({**PRIMARY, "readOnly": True}, "is read-only: start it without queryableBackupMode"),
        ({**PRIMARY, "maxWireVersion": 8}, "is older than 4.4: upgrade it"),
        ({**PRIMARY, "maxWireVersion": 9}, None),
    ],
)
async def test_what_it_says_is_judged(hello: dict[str, Any], wrong: str | None) -> None:
    """A mongos will do; a secondary, a read-only one, and a too old one will not."""
    async with pretended_mongodb(hello) as port:
        assert await _found(port) == (wrong and f"MongoDB at 127.0.0.1:{port} {wrong}")


@pytest.mark.parametrize(
    ("ahead_s", "told"),
    [
        (CLOCK_TOLERANCE_S - 20, None),
        (20 - CLOCK_TOLERANCE_S, None),
        (3600, "ahead of"),
        (-3600, "behind"),
    ],
)
async def test_another_time_is_remarked(ahead_s: float, told: str | None) -> None:
    """A clock that is far from this machine's is told, and is no reason to refuse."""
    async with pretended_mongodb(PRIMARY) as port:
        found = await _found(port, ahead_s=ahead_s)
    if told is None:
        assert found is None
    else:
        assert isinstance(found, Remark)
        assert f" s {told} this machine's: set both by the same time server" in found
        assert in_words(found) == f"ok, but {found}"


@pytest.mark.parametrize(
    ("option", "wrong"), [("replicaSet=rs0", None), ("directConnection=true", OTHER_PRIMARY)]
)
async def test_a_secondary_is_wrong_only_where_it_is_the_one_to_use(option: str, wrong: str | None) -> None:
    """Elsewhere the driver looks for the primary; it may be in an election or frozen just now."""
    async with pretended_mongodb({**SECONDARY, "primary": "b:27017"}) as port:
        found = await examine_seeds(f"mongodb://127.0.0.1:{port}/?{option}")
    assert found == (wrong and f"MongoDB at 127.0.0.1:{port} {wrong}")


async def test_the_name_of_another_replica_set_is_told() -> None:
    """The driver finds no server then, so each server in the URI is looked at by itself."""
    async with pretended_mongodb({**PRIMARY, "setName": "rs1"}) as port:
        found = await examine_seeds(f"mongodb://127.0.0.1:{port}/?replicaSet=rs0")
    assert found == (
        f"MongoDB at 127.0.0.1:{port} is in the replica set rs1: write replicaSet=rs1 in MONGODB_URI"
    )
