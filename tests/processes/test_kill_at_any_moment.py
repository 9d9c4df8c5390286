"""``kill -9`` some milliseconds after a request.

The server may be anywhere by then.
"""

import asyncio
import contextlib

import httpx2
import pytest

from tests.processes.client import Answer, Client
from tests.processes.deployment import Deployment
from tests.processes.promise import check_cancelled, check_promise

DELAYS_MS = range(0, 151, 25)
BULK_DELAYS_MS = (4, 12)
BULK = 30
CANCEL_ALL = "mutation { cancelFinetunings(filter: {status: [QUEUED]}) { count results { outcome } } }"
AT_ONCE = 3
"""The number of finetunings in a round: one kill meets several at different points."""


async def _answer(request: asyncio.Task[Answer]) -> Answer | None:
    """Return the request's answer; ``None`` if the server died before it."""
    with contextlib.suppress(httpx2.TransportError):
        return await request
    return None


async def _killed_after(
    deployment: Deployment, requests: list[asyncio.Task[Answer]], *, delay_ms: int
) -> list[Answer | None]:
    """Kill the servers so long after the requests, and return the answers before the kill."""
    await asyncio.sleep(delay_ms / 1000)  # not a wait for anything: this moment is what the test is about
    await deployment.kill()
    return [await _answer(request) for request in requests]


@pytest.mark.parametrize("delay_ms", DELAYS_MS)
async def test_kill_during_creates(deployment: Deployment, delay_ms: int) -> None:
    """Whenever the server is killed, an answered create is kept and a repeated one makes no second job."""
    first = await deployment.start()
    connection, keys = await first.connection(), [f"key-{n}" for n in range(AT_ONCE)]
    requests = [asyncio.create_task(first.create(connection, key=key)) for key in keys]
    acknowledged = await _killed_after(deployment, requests, delay_ms=delay_ms)
    client = await deployment.start()
    stored = {one["id"] for one in await client.list()}
    assert {one["id"] for one in acknowledged if one} <= stored
    created = [await client.create(connection, key=key) for key in keys]
    assert all(one["id"] == before["id"] for one, before in zip(created, acknowledged, strict=True) if before)
    for finetuning in created:
        await client.becomes(finetuning["id"], "RUNNING")
    await check_promise(deployment, client, finetunings=AT_ONCE)
    assert len(deployment.live_jobs()) == AT_ONCE


@pytest.mark.parametrize("delay_ms", DELAYS_MS)
async def test_kill_during_cancels(deployment: Deployment, delay_ms: int) -> None:
    """Whenever the server is killed, an answered or recorded cancel comes true here and at the provider."""
    first = await deployment.start()
    connection = await first.connection()
    ids = [(await deployment.training(first, connection))["id"] for _ in range(AT_ONCE)]
    requests = [asyncio.create_task(first.cancel(finetuning_id)) for finetuning_id in ids]
    acknowledged = await _killed_after(deployment, requests, delay_ms=delay_ms)
    client = await deployment.start()
    for finetuning_id, answer in zip(ids, acknowledged, strict=True):
        recorded = (await client.read(finetuning_id))["cancellation"]
        assert recorded or not answer
        if not recorded:
            await client.cancel(finetuning_id)
    await _check_cancels(deployment, client, ids)


async def _check_cancels(deployment: Deployment, client: Client, ids: list[str]) -> None:
    for finetuning_id in ids:
        cancelled = await check_cancelled(deployment, client, finetuning_id)
        assert cancelled["cancellation"]["phase"] == "CONFIRMED"
    assert deployment.live_jobs() == []
    assert len(deployment.sandbox.calls.find("jobs.cancel", applied=True)) == AT_ONCE
    await check_promise(deployment, client, finetunings=AT_ONCE)


@pytest.mark.parametrize("delay_ms", BULK_DELAYS_MS)
async def test_kill_during_a_cancel_of_many(deployment: Deployment, delay_ms: int) -> None:
    """After a kill at any moment, the cancel is recorded for all of them or for not one."""
    deployment.settings["worker"] = "off"
    first = await deployment.start()
    connection = await first.connection()
    await asyncio.gather(*(first.create(connection) for _ in range(BULK)))
    request = asyncio.create_task(first.ask(CANCEL_ALL))
    (answer,) = await _killed_after(deployment, [request], delay_ms=delay_ms)
    client = await deployment.start()
    statuses = [one["status"] for one in await client.list()]
    assert statuses in ([["CANCELLED"] * BULK] if answer else [["CANCELLED"] * BULK, ["QUEUED"] * BULK])
    assert (await client.ask(CANCEL_ALL))["count"] == statuses.count("QUEUED")
