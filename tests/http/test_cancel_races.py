"""The cancel through both faces, in a race.

It meets a create call in flight, a repetition, or many others.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from graphql_api.documents import (
    CANCELLED_BY_USER,
    CancellationPhase,
    Finetuning,
    FinetuningEventKind,
    FinetuningStatus,
)
from graphql_api.providers.port import JobSpec
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.jobs import JobStatus
from tests.http.conftest import Api, client_of
from tests.http.faces import Face
from tests.stages import raw
from tests.world import World

MANY = 20


def assert_cancelled(finetuning: Finetuning) -> None:
    """Assert that the cancel came true with one cancel call."""
    assert (finetuning.status, finetuning.error) == (FinetuningStatus.CANCELLED, CANCELLED_BY_USER)
    assert finetuning.cancellation is not None
    told = finetuning.cancellation
    assert (told.phase, told.attempts, told.last_error) == (CancellationPhase.CONFIRMED, 1, None)


def assert_requested(finetuning: Finetuning) -> None:
    """Assert that the cancel waits for the maker of the create call."""
    assert finetuning.status is FinetuningStatus.QUEUED
    assert finetuning.cancellation is not None
    told = finetuning.cancellation
    assert (told.phase, told.attempts, told.last_error) == (CancellationPhase.REQUESTED, 0, None)
    assert finetuning.finetuning_job_id is None


@asynccontextmanager
async def create_call_in_flight(world: World) -> AsyncIterator[tuple[Finetuning, asyncio.Task[int]]]:
    """Yield a finetuning with a create call not answered yet, and the worker making it."""
    created = await world.create()
    world.fault(Fault(kind=FaultKind.HANG, operation="jobs.create"))
    working = asyncio.create_task(world.work())
    await world.sandbox.calls.wait_for("jobs.create")
    yield created, working
    await working


async def test_a_create_call_that_is_answered_within_the_budget_is_cancelled(
    world: World, face: Face
) -> None:
    """The worker learns the job's id and cancels it at once; the waiting caller is told so."""
    async with create_call_in_flight(world) as (created, working):

        async def answer_comes(_: float) -> None:
            world.sandbox.faults.release()
            await working

        world.engine = replace(world.engine, sleep=answer_comes)
        async with client_of(world) as http:
            stored = await Api(world=world, http=http, face=face).cancel_told(created, http_status=200)
    assert_cancelled(stored)
    assert stored.finetuning_job_id == world.jobs()[0].id
    assert [job.status for job in world.jobs()] == [JobStatus.CANCELLED]
    assert (world.calls("jobs.create"), world.calls("jobs.cancel")) == (1, 1)


async def test_a_create_call_that_outlasts_the_budget_is_cancelled_later(world: World, face: Face) -> None:
    """The caller gets REQUESTED; the first to learn the job's id cancels it, unasked."""
    async with create_call_in_flight(world) as (created, _):

        async def time_passes(seconds: float) -> None:
            world.clock.advance(seconds)

        world.engine = replace(
            world.engine, sleep=time_passes, monotonic=lambda: world.clock.now().timestamp()
        )
        async with client_of(world) as http:
            stored = await Api(world=world, http=http, face=face).cancel_told(created, http_status=202)
        assert_requested(stored)
        assert (world.jobs(), world.calls("jobs.cancel")) == ([], 0)
        world.sandbox.faults.release()
    assert_cancelled(await world.read(created))
    assert [job.status for job in world.jobs()] == [JobStatus.CANCELLED]
    assert (world.calls("jobs.create"), world.calls("jobs.cancel")) == (1, 1)


async def died_after_its_create_call(world: World) -> Finetuning:
    """Return a finetuning after its worker made the provider's job and died before writing its id down."""
    created = await world.create()
    store, provider = world.engine.store, world.provider
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429))
    await world.work()
    world.advance(10)
    held = await store.claim(created.id, token="dead")
    assert held is not None
    marked = await store.mark_submitting(held)
    assert marked is not None
    spec = JobSpec(
        finetuning_id=str(marked.id),
        deployment_id=world.engine.deployment_id,
        model=marked.base_llm.model_name,
        training_file_id=str(marked.finetuning_file_id),
        alias=marked.alias,
        n_epochs=3,
        batch_size=1,
        learning_rate_multiplier="auto",
    )
    await provider.create_job(spec)
    return marked


async def test_the_job_of_a_dead_worker_is_found_and_cancelled(world: World, face: Face) -> None:
    """Once its lease has run out, the cancel itself finds the job by our id in its metadata."""
    marked = await died_after_its_create_call(world)
    world.advance(world.engine.timing.lease_s + 1)
    creates = world.calls("jobs.create")
    async with client_of(world) as http:
        stored = await Api(world=world, http=http, face=face).cancel_told(marked, http_status=200)
    assert_cancelled(stored)
    assert stored.finetuning_job_id == world.jobs()[0].id
    assert [job.status for job in world.jobs()] == [JobStatus.CANCELLED]
    assert (world.calls("jobs.create"), world.calls("jobs.cancel")) == (creates, 1)


async def test_a_cancel_that_meets_a_dead_workers_lease_is_carried_out_after_it(
    world: World, face: Face
) -> None:
    """The death cannot be known, so the cancel is recorded, and no job is made a second time."""
    marked = await died_after_its_create_call(world)
    creates = world.calls("jobs.create")

    async def time_passes(seconds: float) -> None:
        world.clock.advance(seconds)

    world.engine = replace(world.engine, sleep=time_passes, monotonic=lambda: world.clock.now().timestamp())
    async with client_of(world) as http:
        assert_requested(await Api(world=world, http=http, face=face).cancel_told(marked, http_status=202))
    assert len(world.live_jobs()) == 1
    await world.drain(seconds=world.engine.timing.lease_s + 10)
    assert_cancelled(await world.read(marked))
    assert [job.status for job in world.jobs()] == [JobStatus.CANCELLED]
    assert (world.calls("jobs.create"), world.calls("jobs.cancel")) == (creates, 1)


async def test_a_repeated_cancel_changes_nothing(api: Api) -> None:
    """The first request stands with its metadata, its answer is given again, and no provider is asked."""
    training = await api.world.created_and_training()
    first = await api.cancel(training, {"by": "first"})
    before, seen = await raw(api.world, training), len(api.world.sandbox.calls.find())
    api.world.advance(100)
    assert await api.cancel(training, {"by": "second"}) == first
    assert await raw(api.world, training) == before
    assert before["metadata"] == before["cancellation"]["metadata"] == {"by": "first"}
    assert len(api.world.sandbox.calls.find()) == seen


async def test_a_repeated_cancel_of_a_failing_one_keeps_the_first_intent(api: Api) -> None:
    """While the provider is out of reach, asking again starts nothing anew."""
    training = await api.world.created_and_training()
    await api.world.server.stop()
    first = await api.cancel_told(training, {"by": "first"}, http_status=202)
    again = await api.cancel_told(training, {"by": "second"}, http_status=202)
    assert again == first
    assert [one.kind for one in again.timeline].count(FinetuningEventKind.CANCEL_REQUESTED) == 1


async def test_many_cancels_at_once_have_one_effect(api: Api) -> None:
    """One intent, one cancel call at the provider, and twenty times the same answer."""
    training = await api.world.created_and_training()
    answers = await asyncio.gather(*[api.cancel(training, {"n": str(n)}) for n in range(MANY)])
    stored = await api.world.read(training)
    assert_cancelled(stored)
    assert {answer.http_status for answer in answers} == {200}
    assert all(answer == answers[0] for answer in answers)
    assert answers[0] == await api.cancel(training)
    assert [one.kind for one in stored.timeline].count(FinetuningEventKind.CANCEL_REQUESTED) == 1
    assert api.world.calls("jobs.cancel") == 1


async def test_many_cancels_of_a_queued_finetuning_at_once_have_one_effect(api: Api) -> None:
    """Closed once, by whichever came first."""
    queued = await api.world.create()
    answers = await asyncio.gather(*[api.cancel(queued, {"n": str(n)}) for n in range(MANY)])
    assert all(answer == answers[0] for answer in answers)
    stored = await api.world.read(queued)
    assert [one.kind for one in stored.timeline].count(FinetuningEventKind.CANCEL_REQUESTED) == 1
    assert api.world.sandbox.calls.find() == []
