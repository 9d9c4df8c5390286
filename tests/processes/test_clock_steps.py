"""Servers with a wall clock in error: time is MongoDB's.

The clock is an hour wrong, or steps by an hour amid their work.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from graphql_api.sandbox.openai import Fault, FaultKind
from processes.nursery import Nursery
from tests.processes.client import Answer, Client
from tests.processes.deployment import PATIENT, Deployment
from tests.processes.patience import until
from tests.processes.promise import check_cancelled, check_promise, check_trained
from tests.processes.wall_clock import HOUR_S, WallClock, wall_clock

NEAR = timedelta(minutes=5)
"""Farther from the right time than any moment stored by these tests, and far below an hour."""
WAIT_S = 3
"""How long the provider asks to wait, and then the shortest pause between two calls."""
PASSES = 3

STEPS = pytest.mark.parametrize("ahead_s", [HOUR_S, -HOUR_S], ids=["ahead", "behind"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocked:
    """A deployment with some servers on a clock set by the test."""

    deployment: Deployment
    clock: WallClock
    nursery: Nursery

    async def start(self, *, ahead_s: int = 0) -> Client:
        """Start a server on the clock."""
        self.clock.set(ahead_s=ahead_s)
        client = await self.deployment.start(nursery=self.nursery)
        await self.clock.step(client, ahead_s=ahead_s)
        return client

    async def check_times(self, finetuning_id: str) -> None:
        """Check that every stored moment of the finetuning is from a right clock."""
        document = await self.deployment.stored(finetuning_id)
        del document["estimated_finish_at"]  # the provider's, and an hour ahead
        stored = list(_moments(document))
        assert len(stored) >= PASSES
        assert [moment for moment in stored if abs(moment - datetime.now(UTC)) > NEAR] == []

    async def see_passes(self, job_id: str) -> None:
        """Wait for several more looks at the job, with the worker's search for due work in between."""
        calls = self.deployment.sandbox.calls
        seen = len(calls.find("jobs.retrieve", job_id=job_id))
        await until(lambda: len(calls.find("jobs.retrieve", job_id=job_id)) >= seen + PASSES)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> WallClock:
    """Return the clock set by these tests."""
    return wall_clock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def clocked_nursery(clock: WallClock) -> Iterator[Nursery]:
    """Yield the process to fork servers on the clock from."""
    with Nursery(preload=clock.environment) as nursery:
        yield nursery


@pytest.fixture
def clocked(deployment: Deployment, clock: WallClock, clocked_nursery: Nursery) -> Clocked:
    """Return a deployment with some servers on the clock."""
    return Clocked(deployment=deployment, clock=clock, nursery=clocked_nursery)


def test_only_the_wall_clock_is_set(clock: WallClock) -> None:
    """A process on the clock has the machine's monotonic clock, as after a real step."""
    clock.set(ahead_s=HOUR_S)
    look = "import json, time; print(json.dumps([time.time(), time.monotonic()]))"
    started = [time.time(), time.monotonic()]
    told = subprocess.check_output([sys.executable, "-c", look], env={**os.environ, **clock.environment})
    wall, monotonic = json.loads(told)
    assert started[0] + HOUR_S <= wall <= time.time() + HOUR_S
    assert started[1] <= monotonic <= time.monotonic()


@pytest.mark.parametrize(
    ("at_first_s", "then_s"),
    [
        pytest.param(HOUR_S, HOUR_S, id="ahead"),
        pytest.param(-HOUR_S, -HOUR_S, id="behind"),
        pytest.param(0, HOUR_S, id="steps-ahead"),
    ],
)
async def test_lease_of_a_living_holder(clocked: Clocked, at_first_s: int, then_s: int) -> None:
    """A server with a wrong clock leaves another's finetuning alone; its holder carries the cancel out."""
    deployment = clocked.deployment
    deployment.settings |= PATIENT | {"cancel_budget_s": 0.4, "worker_slots": 1}
    holder = await deployment.start()
    held = await _held(deployment, holder, await holder.connection(), "jobs.create")
    lease = (await deployment.stored(held["id"]))["lease"]
    other = await clocked.start(ahead_s=at_first_s)
    await clocked.clock.step(other, ahead_s=then_s)
    answer = await other.cancel(held["id"])
    assert (answer["cancellation"]["phase"], answer["cancellation"]["attempts"]) == ("REQUESTED", 0)
    training = await deployment.training(other, await other.connection())  # the holder has no slot for it
    await clocked.see_passes(training["finetuningJobId"])
    assert (await deployment.stored(held["id"]))["lease"] == lease
    assert _calls_about(deployment, held["id"]) == ["jobs.create"]
    deployment.sandbox.faults.release()
    await check_cancelled(deployment, other, held["id"])
    assert len(deployment.sandbox.calls.find("jobs.cancel")) == 1
    await clocked.check_times(held["id"])
    await clocked.check_times(training["id"])
    await check_promise(deployment, other, finetunings=2)


async def test_expired_lease(clocked: Clocked) -> None:
    """A server with a late clock takes over from a killed one as soon as the lease has run out."""
    deployment = clocked.deployment
    killed = await deployment.start()
    held = await _held(deployment, killed, await killed.connection(), "files.create")
    await deployment.kill()
    client = await clocked.start(ahead_s=-HOUR_S)
    await check_trained(deployment, client, held["id"])
    await clocked.check_times(held["id"])
    await check_promise(deployment, client, finetunings=1)


@STEPS
async def test_step_amid_a_create_and_its_training(clocked: Clocked, ahead_s: int) -> None:
    """A create call in flight is waited for, and its job watched to the end, though the clock steps amid."""
    deployment = clocked.deployment
    deployment.settings |= PATIENT
    client = await clocked.start()
    held = await _held(deployment, client, await client.connection(), "jobs.create")
    await clocked.clock.step(client, ahead_s=ahead_s)
    deployment.sandbox.faults.release()
    running = await client.becomes(held["id"], "RUNNING")
    await clocked.see_passes(running["finetuningJobId"])
    await clocked.clock.step(client, ahead_s=0)
    await check_trained(deployment, client, held["id"])
    assert _calls_about(deployment, held["id"]) == ["jobs.create"]
    await clocked.check_times(held["id"])
    await check_promise(deployment, client, finetunings=1)


@STEPS
async def test_step_amid_the_backoff_of_a_cancel(clocked: Clocked, ahead_s: int) -> None:
    """A cancel put off by the provider is tried again after just this pause, by any clock."""
    deployment = clocked.deployment
    deployment.settings |= PATIENT | {"backoff_cap_s": WAIT_S}
    client = await clocked.start()
    training = await deployment.training(client, await client.connection())
    deployment.fault(_refusal("jobs.cancel"))
    answer = await client.cancel(training["id"])
    assert answer["cancellation"]["phase"] == "REQUESTED"
    assert answer["cancellation"]["lastError"] == (
        "The provider asks to wait (429): The sandbox was told to refuse this call."
    )
    await clocked.clock.step(client, ahead_s=ahead_s)
    cancelled = await check_cancelled(deployment, client, training["id"])
    assert cancelled["cancellation"]["requestedAt"] == answer["cancellation"]["requestedAt"]
    refused, carried_out = deployment.sandbox.calls.find("jobs.cancel")
    assert (refused.applied, carried_out.applied) == (False, True)
    assert carried_out.at - refused.at >= WAIT_S
    await clocked.check_times(training["id"])
    await check_promise(deployment, client, finetunings=1)


async def test_step_ahead_amid_the_grace_time(clocked: Clocked) -> None:
    """A job turning up late is adopted, and its create not repeated, though the clock jumps an hour on."""
    deployment = clocked.deployment
    deployment.settings |= {"grace_s": 30}
    client = await clocked.start()
    deployment.fault(Fault(kind=FaultKind.DELAY, operation="jobs.create", seconds=WAIT_S))
    created = await client.create(await client.connection())
    await deployment.seen("jobs.create")
    await clocked.clock.step(client, ahead_s=HOUR_S)
    await client.becomes(created["id"], "RUNNING")
    assert len(deployment.sandbox.calls.find("jobs.create")) == 1
    await client.cancel(created["id"])
    await check_cancelled(deployment, client, created["id"])
    await clocked.check_times(created["id"])
    await check_promise(deployment, client, finetunings=1)


async def test_step_back_amid_the_grace_time(clocked: Clocked) -> None:
    """A lost create call is repeated after the grace time, though the clock jumps back."""
    deployment = clocked.deployment
    client = await clocked.start()
    created = await _held(deployment, client, await client.connection(), "jobs.create")
    await clocked.clock.step(client, ahead_s=-HOUR_S)
    await client.becomes(created["id"], "RUNNING")
    lost, repeated = deployment.sandbox.calls.find("jobs.create")
    assert (lost.applied, repeated.applied) == (False, True)
    assert repeated.at - lost.at >= float(str(deployment.settings["grace_s"]))
    await clocked.check_times(created["id"])
    await check_promise(deployment, client, finetunings=1)


async def _held(deployment: Deployment, client: Client, connection: str, operation: str) -> Answer:
    """Create a finetuning and return it with the worker held inside the call, before its effect."""
    deployment.fault(Fault(kind=FaultKind.HANG, operation=operation))
    created = await client.create(connection)
    await deployment.seen(operation)
    return created


def _refusal(operation: str) -> Fault:
    return Fault(kind=FaultKind.STATUS, operation=operation, status=429, retry_after_s=WAIT_S)


def _calls_about(deployment: Deployment, finetuning_id: str) -> list[str]:
    """Return the calls with this finetuning's id: a create call, and any look-up of its job."""
    calls = deployment.sandbox.calls.find(metadata={"finetuning_id": finetuning_id})
    return [call.operation for call in calls]


def _moments(value: object) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _moments(part)
