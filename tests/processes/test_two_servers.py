"""Two server processes on one MongoDB act as one."""

import asyncio

from tests.processes.deployment import PATIENT, Deployment
from tests.processes.promise import check_promise

CANCELS = 50
CREATES = 20


async def test_concurrent_cancels_have_one_effect(deployment: Deployment) -> None:
    """Fifty cancels of one live job across two servers are one call to the provider and equal answers."""
    deployment.settings |= PATIENT
    servers = await asyncio.gather(deployment.start(), deployment.start())
    training = await deployment.training(servers[0], await servers[0].connection())
    answers = await asyncio.gather(*(servers[n % 2].cancel(training["id"]) for n in range(CANCELS)))
    assert answers[0]["status"] == "CANCELLED"
    assert answers[0]["cancellation"]["phase"] == "CONFIRMED"
    assert answers[0]["cancellation"]["attempts"] == 1
    assert answers == [answers[0]] * CANCELS
    (call,) = deployment.sandbox.calls.find("jobs.cancel")
    assert call.applied
    assert deployment.live_jobs() == []
    await check_promise(deployment, servers[1], finetunings=1)


async def test_concurrent_creates_with_one_key(deployment: Deployment) -> None:
    """One idempotency key used twenty times together across two servers makes one finetuning and one job."""
    deployment.settings |= PATIENT
    servers = await asyncio.gather(deployment.start(), deployment.start())
    connection = await servers[0].connection()
    answers = await asyncio.gather(
        *(servers[n % 2].create(connection, key="the-key") for n in range(CREATES))
    )
    (finetuning_id,) = {answer["id"] for answer in answers}
    await servers[1].becomes(finetuning_id, "RUNNING")
    assert len(deployment.sandbox.calls.find("jobs.create")) == 1
    await check_promise(deployment, servers[0], finetunings=1)


async def test_one_server_carries_on_for_the_other(deployment: Deployment) -> None:
    """Of two servers, the live one trains all finetunings of the killed one."""
    killed, alive = await asyncio.gather(deployment.start(), deployment.start())
    connection = await killed.connection()
    created = [await killed.create(connection) for _ in range(6)]
    await deployment.servers[0].kill()
    for finetuning in created:
        await alive.becomes(finetuning["id"], "RUNNING")
    assert len(deployment.live_jobs()) == len(created)
    await check_promise(deployment, alive, finetunings=len(created))
