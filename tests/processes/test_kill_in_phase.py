"""``kill -9`` of a server inside one provider call.

The next server carries the request out.
"""

import asyncio

import httpx2
import pytest

from graphql_api.sandbox.openai import Fault, FaultKind
from tests.processes.client import Answer, Client
from tests.processes.deployment import Deployment
from tests.processes.promise import check_cancelled, check_promise, check_trained

LATE_S = 0.3
"""How long after the kill a delayed call takes effect; well below the grace time."""


def held_before(operation: str) -> Fault:
    """Hold the call before it takes effect; if its caller dies, it never does."""
    return Fault(kind=FaultKind.HANG, operation=operation)


def held_after(operation: str) -> Fault:
    """Hold the answer of a call after its effect."""
    return Fault(kind=FaultKind.HANG, operation=operation, applied=True)


def applied_late(operation: str) -> Fault:
    """Let the call take effect only when its caller is dead."""
    return Fault(kind=FaultKind.DELAY, operation=operation, seconds=LATE_S)


TRAINING_PHASES = [
    pytest.param(held_before("files.create"), id="upload-lost"),
    pytest.param(held_after("files.create"), id="uploaded-but-unanswered"),
    pytest.param(held_before("jobs.create"), id="create-lost"),
    pytest.param(held_after("jobs.create"), id="created-but-unanswered"),
    pytest.param(applied_late("jobs.create"), id="created-after-the-kill"),
    pytest.param(held_before("jobs.retrieve"), id="first-look-at-the-job"),
]
CANCELLING_PHASES = [
    pytest.param(held_before("jobs.cancel"), id="cancel-lost"),
    pytest.param(held_after("jobs.cancel"), id="cancelled-but-unanswered"),
    pytest.param(applied_late("jobs.cancel"), id="cancelled-after-the-kill"),
    pytest.param(held_before("jobs.retrieve"), id="read-back"),
]


async def _created_and_held(deployment: Deployment, client: Client, fault: Fault) -> Answer:
    """Create a finetuning and return it with the worker held in the phase."""
    connection = await client.connection()
    deployment.fault(fault)
    created = await client.create(connection)
    await deployment.seen(fault.operation, applied=fault.applied)
    return created


@pytest.mark.parametrize("fault", TRAINING_PHASES)
async def test_training_goes_on_after_a_kill(deployment: Deployment, fault: Fault) -> None:
    """After a kill in any phase, the next server trains the finetuning to its end, as one job."""
    created = await _created_and_held(deployment, await deployment.start(), fault)
    await deployment.kill()
    client = await deployment.start()
    await check_trained(deployment, client, created["id"])
    assert len(deployment.training_files()) == 1
    await check_promise(deployment, client, finetunings=1)


@pytest.mark.parametrize("fault", TRAINING_PHASES)
async def test_cancel_given_to_the_next_server(deployment: Deployment, fault: Fault) -> None:
    """After a kill in any phase, the finetuning can be cancelled at the next server at once."""
    created = await _created_and_held(deployment, await deployment.start(), fault)
    await deployment.kill()
    client = await deployment.start()
    answer = await client.cancel(created["id"])
    assert answer["cancellation"] is not None
    await check_cancelled(deployment, client, created["id"])
    await check_promise(deployment, client, finetunings=1)


@pytest.mark.parametrize("fault", TRAINING_PHASES)
async def test_cancel_acknowledged_before_the_kill(deployment: Deployment, fault: Fault) -> None:
    """A cancel answered during a create call is carried out by the next server."""
    first = await deployment.start()
    created = await _created_and_held(deployment, first, fault)
    answer = await first.cancel(created["id"])
    await deployment.kill()
    client = await deployment.start()
    cancelled = await check_cancelled(deployment, client, created["id"])
    assert cancelled["cancellation"]["requestedAt"] == answer["cancellation"]["requestedAt"]
    await check_promise(deployment, client, finetunings=1)


@pytest.mark.parametrize("fault", CANCELLING_PHASES)
async def test_cancel_goes_on_after_a_kill(deployment: Deployment, fault: Fault) -> None:
    """After a kill in any phase of an unanswered cancel, the next server carries it out."""
    deployment.settings["sync_interval_s"] = 60  # the cancel alone asks the provider
    first = await deployment.start()
    training = await deployment.training(first, await first.connection())
    deployment.fault(fault)
    request = asyncio.create_task(first.cancel(training["id"]))
    await deployment.seen(fault.operation, applied=fault.applied)
    await deployment.kill()
    with pytest.raises(httpx2.TransportError):
        await request
    client = await deployment.start()
    cancelled = await check_cancelled(deployment, client, training["id"])
    assert cancelled["cancellation"]["phase"] == "CONFIRMED"
    assert len(deployment.sandbox.calls.find("jobs.cancel", applied=True)) == 1
    await check_promise(deployment, client, finetunings=1)


async def test_cancel_acknowledged_during_an_outage(deployment: Deployment) -> None:
    """A cancel answered during a failure of the provider outlives both the server and the outage."""
    first = await deployment.start()
    training = await deployment.training(first, await first.connection())
    deployment.fault(Fault(kind=FaultKind.STATUS, status=503, times=None))
    answer = await first.cancel(training["id"])
    assert answer["status"] == "RUNNING"
    assert answer["cancellation"]["phase"] == "REQUESTED"
    await deployment.kill()
    client = await deployment.start()
    assert (await client.read(training["id"]))["status"] == "RUNNING"
    deployment.sandbox.faults.clear()
    cancelled = await check_cancelled(deployment, client, training["id"])
    assert cancelled["cancellation"]["phase"] == "CONFIRMED"
    assert cancelled["cancellation"]["requestedAt"] == answer["cancellation"]["requestedAt"]
