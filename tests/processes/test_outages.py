"""The provider or MongoDB goes away and comes back.

The server keeps running: nothing is lost, without a restart.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from graphql_api.sandbox.openai import Fault, FaultKind
from processes.nursery import Nursery
from tests.processes.client import CANCEL, CREATE, LIST, READ, Answer, Client
from tests.processes.deployment import Deployment, open_deployment
from tests.processes.own_mongod import OwnMongod, own_mongod
from tests.processes.patience import eventually, until
from tests.processes.promise import check_cancelled, check_promise, check_trained

NEW_KEY = "sk-the-key-that-is-right"
MONGODB_TIMEOUT_S = 2.0
MARGIN_S = 4.0
"""The allowance of a busy machine on top of a time limit."""
WORKERS = 6
"""A server's four slots, its upkeep, and its reader of the provider's logs."""

Change = Callable[[Deployment], Awaitable[None]]
MongodChange = Callable[[OwnMongod], Awaitable[None]]


async def _go_away(deployment: Deployment) -> None:
    await deployment.provider.stop()


async def _come_back(deployment: Deployment) -> None:
    await deployment.provider.start()


async def _fall_silent(deployment: Deployment) -> None:
    deployment.fault(Fault(kind=FaultKind.HANG, times=None))


async def _fail(deployment: Deployment) -> None:
    deployment.fault(Fault(kind=FaultKind.STATUS, status=503, times=None))


async def _recover(deployment: Deployment) -> None:
    deployment.sandbox.faults.clear()


OUTAGES = [
    pytest.param(_go_away, _come_back, id="refuses-connections"),
    pytest.param(_fall_silent, _recover, id="never-answers"),
    pytest.param(_fail, _recover, id="fails"),
]


@asynccontextmanager
async def _reading(client: Client, finetuning_id: str) -> AsyncIterator[list[str]]:
    """Read the finetuning and the list all the time, and yield the statuses read; no read may fail."""
    seen: list[str] = []
    enough = asyncio.Event()

    async def read() -> None:
        while not enough.is_set():
            seen.append((await client.read(finetuning_id))["status"])
            await client.list()

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        yield seen
        enough.set()  # not cancelled: a client hanging up amid a request is another story


async def _tried_again(client: Client, finetuning_id: str) -> Answer:
    """Return the finetuning as soon as its cancel has more than one try."""

    async def look() -> Answer | None:
        finetuning = await client.read(finetuning_id)
        return finetuning if finetuning["cancellation"]["attempts"] > 1 else None

    return await eventually(look)


@pytest.mark.parametrize(("leave", "come_back"), OUTAGES)
async def test_provider_away(deployment: Deployment, leave: Change, come_back: Change) -> None:
    """Requests during the provider's absence come true after its return; no read fails meanwhile."""
    client = await deployment.start()
    connection = await client.connection()
    trained = await deployment.training(client, connection)
    stopped = await deployment.training(client, connection)
    await leave(deployment)
    async with _reading(client, trained["id"]) as seen:
        asked = await client.cancel(stopped["id"])
        assert (asked["status"], asked["cancellation"]["phase"]) == ("RUNNING", "REQUESTED")
        created = await client.create(connection)
        unsent = await client.cancel((await client.create(connection))["id"])
        assert (unsent["status"], unsent["cancellation"]["phase"]) == ("CANCELLED", "CONFIRMED")
        tried = await _tried_again(client, stopped["id"])
        assert tried["cancellation"]["lastError"].startswith("The provider ")
    assert set(seen) == {"RUNNING"}
    await come_back(deployment)
    cancelled = await check_cancelled(deployment, client, stopped["id"])
    assert cancelled["cancellation"]["requestedAt"] == asked["cancellation"]["requestedAt"]
    assert cancelled["cancellation"]["phase"] == "CONFIRMED"
    await check_trained(deployment, client, created["id"])
    await check_trained(deployment, client, trained["id"])
    await check_promise(deployment, client, finetunings=4)
    assert [line for line in deployment.servers[0].log if line["level"] not in {"info", "warning"}] == []


async def test_refused_key(deployment: Deployment) -> None:
    """With a key refused by the provider all is kept and readable, and comes true with the right key."""
    client = await deployment.start()
    connection = await client.connection()
    training = await deployment.training(client, connection)
    deployment.sandbox.api_key = NEW_KEY
    async with _reading(client, training["id"]) as seen:
        asked = await client.cancel(training["id"])
        assert (asked["status"], asked["cancellation"]["phase"]) == ("RUNNING", "REQUESTED")
        created = await client.create(connection)
        tried = await _tried_again(client, training["id"])
        assert tried["cancellation"]["lastError"] == "The provider refused the API key (401)"
    assert set(seen) == {"RUNNING"}
    assert (await client.read(created["id"]))["status"] == "QUEUED"
    await deployment.kill()
    deployment.settings["openai_api_key"] = NEW_KEY
    client = await deployment.start()
    cancelled = await check_cancelled(deployment, client, training["id"])
    assert cancelled["cancellation"]["requestedAt"] == asked["cancellation"]["requestedAt"]
    await check_trained(deployment, client, created["id"])
    await check_promise(deployment, client, finetunings=2)


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[OwnMongod]:
    """Yield a mongod for the test to kill."""
    async with own_mongod(tmp_path / "mongod") as mongod:
        yield mongod


@pytest.fixture
async def on_it(mongod: OwnMongod, nursery: Nursery, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Yield a deployment on this mongod, with little patience for it."""
    async with open_deployment(mongod.run.uri, nursery, tmp_path) as deployment:
        deployment.settings["mongodb_timeout_s"] = MONGODB_TIMEOUT_S
        yield deployment


@pytest.mark.parametrize(
    ("leave", "come_back"),
    [
        pytest.param(OwnMongod.kill, OwnMongod.start, id="killed"),
        pytest.param(OwnMongod.freeze, OwnMongod.thaw, id="frozen"),
    ],
)
async def test_mongodb_away(
    mongod: OwnMongod, on_it: Deployment, leave: MongodChange, come_back: MongodChange
) -> None:
    """Without MongoDB every request is told so in time; an earlier cancel comes true afterwards."""
    client = await on_it.start()
    connection = await client.connection()
    training = await on_it.training(client, connection)
    await on_it.provider.stop()
    asked = await client.cancel(training["id"])
    assert asked["cancellation"]["phase"] == "REQUESTED"
    await leave(mongod)
    left = monotonic()
    await on_it.provider.start()
    await _check_unavailable(client, connection=connection, finetuning_id=training["id"])
    await _check_unavailable(client, connection=connection, finetuning_id=training["id"])
    await come_back(mongod)
    cancelled = await check_cancelled(on_it, client, training["id"])
    assert cancelled["cancellation"]["requestedAt"] == asked["cancellation"]["requestedAt"]
    assert cancelled["cancellation"]["phase"] == "CONFIRMED"
    assert (await client.http.get(f"{client.url}/readyz")).status_code == 200
    _check_log(on_it, away_s=monotonic() - left)
    created = await client.create(connection)
    await check_trained(on_it, client, created["id"])
    await check_promise(on_it, client, finetunings=2)


async def test_mongodb_away_when_a_job_is_made(mongod: OwnMongod, on_it: Deployment) -> None:
    """A job made by the provider in MongoDB's absence is adopted afterwards; there is no second one."""
    client = await on_it.start()
    connection = await client.connection()
    on_it.fault(Fault(kind=FaultKind.HANG, operation="jobs.create", applied=True))
    created = await client.create(connection)
    call = await on_it.seen("jobs.create", applied=True)
    await mongod.kill()
    on_it.sandbox.faults.release()
    await until(lambda: call.ended)
    await on_it.servers[0].logged("MongoDB does not answer")
    await mongod.start()
    await check_trained(on_it, client, created["id"])
    assert len(on_it.sandbox.calls.find("jobs.create")) == 1
    await check_promise(on_it, client, finetunings=1)


async def _check_unavailable(client: Client, *, connection: str, finetuning_id: str) -> None:
    """Check that every user of MongoDB reports its absence, all within the time limit."""
    asked = monotonic()
    answers = await asyncio.gather(
        _code(client, READ, id=finetuning_id),
        _code(client, LIST),
        _code(client, CANCEL, id=finetuning_id),
        _code(client, CREATE, input={"dbConnectionId": connection}),
        client.http.post(f"{client.url}/api/v1/finetunings/{finetuning_id}/cancel", json={}),
        client.http.get(f"{client.url}/readyz"),
        client.http.get(f"{client.url}/livez"),
    )
    assert monotonic() - asked < MONGODB_TIMEOUT_S + MARGIN_S
    *codes, cancel, readyz, livez = answers
    assert codes == ["STORE_UNAVAILABLE"] * 4
    assert (cancel.status_code, cancel.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert readyz.status_code == 503
    assert readyz.json()["mongodb"].startswith("MongoDB does not answer (")
    assert livez.status_code == 200


async def _code(client: Client, query: str, **variables: object) -> Any:
    """Return the code of the one error in the query's answer."""
    body = {"query": query, "variables": variables}
    response = await client.http.post(f"{client.url}/graphql", json=body)
    (error,) = response.json()["errors"]
    return error["extensions"]["code"]


def _check_log(deployment: Deployment, *, away_s: float) -> None:
    """Check that the outage was told in warnings, each worker's no more often than its tries timed out."""
    (server,) = deployment.servers
    first, *rest = server.own_log
    assert first["event"] == "serving"
    rest = [line for line in rest if line["event"] != "a provider call failed"]  # another outage, before
    assert {line["level"] for line in rest} == {"warning"}
    rest = [line for line in rest if line["event"] != "audit entries wait for MongoDB"]
    assert {line["event"] for line in rest} == {"MongoDB does not answer"}
    assert [line for line in rest if "exception" in line] == []
    assert len(rest) <= WORKERS * (away_s / MONGODB_TIMEOUT_S + 1)
