"""A signal stops a server in order.

Requests are answered, leases given back, and it ends well.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from json import JSONDecodeError
from time import monotonic
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from graphql_api.sandbox.openai import Fault, FaultKind
from tests.process_states import is_running
from tests.processes.client import ADD_RECORDS, Client, http_client
from tests.processes.command import Commands
from tests.processes.deployment import PATIENT, Deployment
from tests.processes.patience import until
from tests.processes.promise import check_cancelled

PROMPT_S = 15
"""Far below the time limits of the provider's calls, and enough for a busy machine."""

ENDLESS_SQL = f"SELECT {'DECIMAL(' * 40}1{')' * 40}"

Documents = AsyncCollection[dict[str, Any]]


@pytest.fixture
async def documents(deployment: Deployment) -> AsyncIterator[Documents]:
    """Yield the deployment's finetunings as MongoDB has them."""
    settings = deployment.settings
    async with AsyncMongoClient[dict[str, Any]](str(settings["mongodb_uri"])) as client:
        yield client[str(settings["mongodb_database"])]["finetunings"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_request_in_flight_is_answered(
    deployment: Deployment, commands: Commands, documents: Documents, number: signal.Signals
) -> None:
    """A cancel in flight when the signal comes is answered; no lease is left and the exit code is 0."""
    server = commands.start("serve", **{**deployment.settings, **PATIENT})
    client = Client(deployment.http, await server.url())
    training = await deployment.training(client, await client.connection())
    deployment.fault(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    request = asyncio.create_task(client.cancel(training["id"]))
    await deployment.seen("jobs.cancel")
    server.send(number)
    await server.logged("stopping")
    deployment.sandbox.faults.release()
    assert (await request)["status"] == "CANCELLED"
    assert await server.exit_code() == 0
    assert await documents.count_documents({"lease": {"$ne": None}}) == 0
    assert [line["event"] for line in server.own_log] == ["serving", "stopping"]


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_work_under_way_is_given_back(
    deployment: Deployment, commands: Commands, documents: Documents, command: str
) -> None:
    """A worker stopped amid a hanging upload ends at once; its finetuning is free and due."""
    client = await deployment.start()
    await deployment.kill()
    worker = commands.start(command, **{**deployment.settings, **PATIENT})
    await worker.logged("serving" if command == "serve" else "working")
    deployment.settings["worker"] = "off"
    client = await deployment.start()
    deployment.fault(Fault(kind=FaultKind.HANG, operation="files.create"))
    created = await client.create(await client.connection())
    await deployment.seen("files.create")
    signalled = monotonic()
    assert await worker.stop() == 0
    assert monotonic() - signalled < PROMPT_S
    (left,) = await documents.find().to_list()
    assert left["lease"] is None
    assert left["due_at"] is not None
    assert (await client.read(created["id"]))["status"] == "QUEUED"


async def test_worker_process_works_for_a_server_that_does_not(
    deployment: Deployment, entry_point: Commands
) -> None:
    """With WORKER=off a finetuning stays queued; then a worker process takes it up and shows its health."""
    deployment.settings |= PATIENT | {"worker": "off"}
    client = await deployment.start()
    created = await client.create(await client.connection())
    worker = entry_point.start("worker", "--port", "0", **deployment.settings | {"worker": "on"})
    metrics = (await worker.logged("working"))["metrics"]
    running = await client.becomes(created["id"], "RUNNING")
    (job,) = deployment.live_jobs()
    assert running["finetuningJobId"] == job.id
    shown = [
        await deployment.http.get(metrics.replace("metrics", path)) for path in ("livez", "readyz", "graphql")
    ]
    assert [one.status_code for one in shown] == [200, 200, 404]
    assert "finetuning_cancels_overdue 0.0" in (await deployment.http.get(metrics)).text
    assert await worker.stop() == 0
    assert [line["event"] for line in worker.own_log] == ["working", "stopping"]


async def test_worker_process_serves_operators_on_their_own_port(
    deployment: Deployment, commands: Commands
) -> None:
    """Without ``--port``, too: only the setting opens it, and it is closed last."""
    worker = commands.start("worker", **deployment.settings, operations_port=0)
    metrics = (await worker.logged("serving operators"))["metrics"]
    await worker.logged("working")
    shown = [
        await deployment.http.get(metrics.replace("metrics", path)) for path in ("livez", "readyz", "metrics")
    ]
    assert [one.status_code for one in shown] == [200] * 3
    assert await worker.stop() == 0
    assert [line["event"] for line in worker.own_log] == ["serving operators", "working", "stopping"]


async def test_sql_that_cannot_be_parsed_in_time_holds_up_nothing(commands: Commands) -> None:
    """A server with endless parsing answers others, stops at once, and its parser is gone with it."""
    server = commands.start("serve", "--sandbox", shutdown_s=8)
    async with http_client() as http:
        client = Client(http, await server.url())
        connection = await client.connection()
        before = commands.left()
        records = [{"promptText": f"{n}?", "sql": ENDLESS_SQL} for n in range(3)]
        adding = [
            asyncio.create_task(
                client.ask(ADD_RECORDS, input={"dbConnectionId": connection, "goldenRecords": records})
            )
            for _ in range(3)
        ]
        assert await client.list() == []
        signalled = monotonic()
        assert await server.stop() == 0
        assert monotonic() - signalled < PROMPT_S
        await asyncio.gather(*adding, return_exceptions=True)
    assert len(before) == 3
    await until(lambda: commands.left() == [])


async def test_a_killed_server_leaves_no_parser(commands: Commands) -> None:
    """Neither an idle one nor one amid a statement: the kernel ends this one after two seconds."""
    server = commands.start("serve", "--sandbox")
    async with http_client() as http:
        client = Client(http, await server.url())
        connection = await client.connection()
        records = [{"promptText": "Why?", "sql": ENDLESS_SQL}]
        asked = {"dbConnectionId": connection, "goldenRecords": records}
        adding = asyncio.create_task(client.ask(ADD_RECORDS, input=asked))
        assert await client.list() == []
        await server.kill()
        await until(lambda: commands.left() == [])
        await asyncio.gather(adding, return_exceptions=True)


async def test_request_that_outlasts_the_shutdown(deployment: Deployment, documents: Documents) -> None:
    """A cancel hanging longer than requests may is broken off; it still comes true."""
    # The worker looks too rarely to take the cancel over.
    deployment.settings |= PATIENT | {"shutdown_s": 4, "sync_interval_s": 60}
    client = await deployment.start()
    training = await deployment.training(client, await client.connection())
    deployment.fault(Fault(kind=FaultKind.HANG, operation="jobs.cancel"))
    request = asyncio.create_task(client.cancel(training["id"]))
    await deployment.seen("jobs.cancel")
    (server,) = deployment.servers
    os.kill(server.pid, signal.SIGTERM)
    await until(lambda: not is_running(server.pid))
    with pytest.raises(JSONDecodeError):  # it is answered with a plain 500
        await request
    (left,) = await documents.find().to_list()
    assert (left["wanted"], left["lease"]) == ("cancel", None)
    client = await deployment.start()
    await check_cancelled(deployment, client, training["id"])
