"""Health, and everything else without MongoDB.

The published schema is among the rest.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from graphql_api.composition.app import build_worker_app
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.store.database import connect, guard_of, initialise
from graphql_api.store.guard import Lane
from tests.http.conftest import SETTINGS, client_of, resources_of
from tests.http.faces import FACES
from tests.world import World, open_world

AWAY = (
    "The database does not answer, so the request may or may not have been recorded. "
    "A cancel or a deletion is safe to repeat; so is a creation with an idempotencyKey."
)
TIMEOUT_S = 0.5
FOLLOW = "subscription Follow($id: ID!) { finetuningEvents(finetuningId: $id) { cursor } }"
SCHEMA_FILE = Path(__file__).parents[2] / "schema.graphql"


async def test_livez_answers(http: httpx2.AsyncClient) -> None:
    """As long as the process can answer, it says ok."""
    response = await http.get("/livez")
    assert (response.status_code, response.text) == (200, "ok\n")


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_livez_fails_while_no_operation_on_mongodb_ends(world: World, command: str) -> None:
    """Whoever watches the process may start it again then; it is well as soon as operations end."""
    settings: dict[str, Any] = {"store_stall_s": 0.05}
    worker = build_worker_app(SETTINGS.model_copy(update=settings), resources_of(world))
    transport = httpx2.ASGITransport(worker)
    guard, answers = guard_of(world.database), asyncio.Event()
    async with (
        client_of(world, **settings) as served,
        httpx2.AsyncClient(transport=transport, base_url="http://worker") as shown,
    ):
        http = served if command == "serve" else shown
        stuck = asyncio.create_task(guard.run(answers.wait(), lane=Lane.ORDINARY))
        while (response := await http.get("/livez")).status_code == 200:  # noqa: ASYNC110 - it is asked
            await asyncio.sleep(0)
        assert (response.status_code, response.text) == (503, "no operation on MongoDB has ended for 0 s\n")
        answers.set()
        await stuck
        assert (await http.get("/livez")).status_code == 200


async def test_it_is_served_over_ipv6(world: World) -> None:
    """Under the URL that the log and the demo show."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with client_of(world, host="::1") as http:
        assert str(http.base_url).startswith("http://[::1]:")
        assert (await http.get("/livez")).status_code == 200


async def test_readyz_names_what_is_ready(world: World, http: httpx2.AsyncClient) -> None:
    """Each part is named with its state, and the provider with its address."""
    response = await http.get("/readyz")
    assert (response.status_code, response.json()) == (
        200,
        {"ready": True, "mongodb": "ok", "provider": world.server.base_url},
    )


async def test_the_schema_that_is_served_is_the_file(http: httpx2.AsyncClient) -> None:
    """Byte for byte, as text."""
    response = await http.get("/schema.graphql")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == SCHEMA_FILE.read_text(encoding="utf-8")


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[EmbeddedMongod]:
    """Yield a mongod with the same socket after a new start, for the test to stop."""
    mongod = EmbeddedMongod(tmp_path)
    await mongod.__aenter__()
    yield mongod
    await mongod.__aexit__()


@pytest.fixture
async def fragile_world(mongod: EmbeddedMongod) -> AsyncIterator[World]:
    """Yield a world with a MongoDB that may go away, and a short patience with it."""
    async with connect(mongod.uri, timeout_s=10) as patient:
        await initialise(patient["tests"])
    async with connect(mongod.uri, timeout_s=TIMEOUT_S) as client:
        await initialise(client["tests"])
        async with open_world(client["tests"]) as world:
            yield world


async def test_an_absent_mongodb_is_told_within_its_time_limit_and_missed_no_longer_than_it_is_away(
    fragile_world: World, mongod: EmbeddedMongod
) -> None:
    """Not ready but alive; both faces say so with a code; once MongoDB is back, all works again."""
    queued = await fragile_world.create()
    async with client_of(fragile_world) as http:
        await mongod.__aexit__()
        async with asyncio.timeout(8 * TIMEOUT_S):
            ready = await http.get("/readyz")
            told = [await face.cancel(http, str(queued.id)) for face in FACES]
            alive = await http.get("/livez")
        assert (ready.status_code, alive.status_code) == (503, 200)
        assert (ready.headers["Retry-After"], alive.headers.get("Retry-After")) == ("5", None)
        assert ready.json()["ready"] is False
        assert ready.json()["mongodb"].startswith("MongoDB does not answer (")
        assert [(one.code, one.message) for one in told] == [("STORE_UNAVAILABLE", AWAY)] * 2
        assert [one.http_status for one in told] == [200, 503]
        await _check_refused_stream(http, str(queued.id))

        await mongod.__aenter__()
        async with asyncio.timeout(20):
            while (await http.get("/readyz")).status_code != 200:
                pass
        answer = await FACES[1].cancel(http, str(queued.id))
        assert answer.finetuning is not None
        assert answer.finetuning["status"] == "cancelled"
    assert fragile_world.sandbox.calls.find() == []


async def _check_refused_stream(http: httpx2.AsyncClient, finetuning_id: str) -> None:
    """A subscription without a beginning has a status for its client to try again."""
    body = {"query": FOLLOW, "variables": {"id": finetuning_id}}
    response = await http.post("/graphql", json=body, headers={"Accept": "text/event-stream"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    (error,) = response.json()["errors"]
    assert (error["message"], error["extensions"]) == (AWAY, {"code": "STORE_UNAVAILABLE"})
