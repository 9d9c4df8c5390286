"""Bulk synchronisation of statuses.

The calls of a round grow with the list's pages, and nothing newer is overwritten.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
from beanie import PydanticObjectId
from structlog.testing import capture_logs

from graphql_api.documents import BaseLlm, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.engine.driving import take_over
from graphql_api.engine.engine import Account
from graphql_api.providers.port import (
    DEPLOYMENT_KEY,
    FINETUNING_ID_KEY,
    FinetuningProvider,
    OutcomeUnknownError,
    ProviderJob,
)
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.files import Upload
from graphql_api.sandbox.openai.jobs import JobStatus
from graphql_api.sandbox.openai.submission import Submission
from graphql_api.upkeep.status_sync import sync
from tests.engine.test_crash import ENDLESS
from tests.interruptions import Interrupted
from tests.stages import ask, raw
from tests.world import DEPLOYMENT, OPENAI, World

LINE = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'


@pytest.fixture
def world(world: World) -> World:
    """Yield a world with jobs without an end of their own."""
    world.sandbox.account.durations = ENDLESS
    return world


async def live(world: World, count: int) -> list[Finetuning]:
    """Store finetunings that train and are due, and their running jobs, in the same order."""
    account, now = world.sandbox.account, world.clock.now()
    file = account.add_file(Upload(filename="f.jsonl", purpose="fine-tune", content=LINE * 10))

    def job_of(finetuning_id: PydanticObjectId) -> str:
        marks = {FINETUNING_ID_KEY: str(finetuning_id), DEPLOYMENT_KEY: DEPLOYMENT}
        submission = Submission(model="gpt-4", training_file=file.id, metadata=marks)
        return account.create_job(submission).id

    finetunings = [
        Finetuning(
            id=(id_ := PydanticObjectId()),
            tenant=world.caller.tenant,
            db_connection_id=PydanticObjectId(),
            alias="stored",
            base_llm=BaseLlm(model_provider="openai", model_name="gpt-4"),
            finetuning_file_id=file.id,
            finetuning_job_id=job_of(id_),
            created_at=now,
            updated_at=now,
            due_at=now,
        )
        for _ in range(count)
    ]
    await Finetuning.insert_many(finetunings)
    world.provider_clock.advance(10)
    return finetunings


class Paused:
    """A provider that lets something happen right after its list was read, before anyone acts on it."""

    def __init__(self, provider: FinetuningProvider, happens: Callable[[], Awaitable[object]]) -> None:
        self._provider, self._happens = provider, happens

    async def list_jobs(self) -> AsyncIterator[ProviderJob]:
        """Yield the list, as it was before."""
        jobs = [job async for job in self._provider.list_jobs()]
        await self._happens()
        for job in jobs:
            yield job

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)


async def sync_around(world: World, happens: Callable[[], Awaitable[object]]) -> None:
    """Synchronise while something happens between the list and the claims."""
    paused = cast("FinetuningProvider", Paused(world.provider, happens))
    await sync(world.engine, Account(OPENAI, paused))


ROUNDS = {1: (0, 1), 5: (0, 5), 6: (1, 0), 10: (1, 0), 100: (1, 0), 1000: (10, 0)}
"""Live jobs, and the list and retrieve calls of one round for all of them."""


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize(("count", "calls"), ROUNDS.items(), ids=map(str, ROUNDS))
async def test_the_calls_of_a_round_grow_with_pages_not_with_jobs(
    world: World, count: int, calls: tuple[int, int]
) -> None:
    """Up to a handful one look each, above it pages of a hundred and no look at all."""
    await live(world, count)
    assert await sync(world.engine, world.account) == (0 if count <= 5 else count)
    await world.work()
    assert (world.calls("jobs.list"), world.calls("jobs.retrieve")) == calls
    assert len(world.sandbox.calls.find()) == sum(calls)
    synced = {"status": "running", "synced_at": world.clock.now(), "lease": None}
    assert await Finetuning.find(synced).count() == count


async def test_a_job_that_is_not_listed_costs_no_walk_through_the_account(world: World) -> None:
    """No read goes on to the jobs long before any of ours."""
    account = world.sandbox.account
    file = account.add_file(Upload(filename="f.jsonl", purpose="fine-tune", content=LINE * 10))
    for _ in range(300):
        account.create_job(Submission(model="gpt-4", training_file=file.id))
    world.advance(2 * 3600)
    finetunings = await live(world, 6)
    await finetunings[0].set({"finetuning_job_id": "ftjob-of-nobody"})
    assert await sync(world.engine, world.account) == 6
    assert world.calls("jobs.list") == 1
    assert [(await world.read(one)).synced_at is None for one in finetunings] == [True] + [False] * 5


async def test_one_that_fails_does_not_keep_the_others(world: World) -> None:
    """It is logged with its traceback, and left to the worker."""
    broken, *others = await live(world, 6)
    await world.database["finetunings"].update_one({"_id": broken.id}, {"$set": {"faults": "many"}})
    with capture_logs() as logs:
        assert await sync(world.engine, world.account) == 6
    assert [(one["event"], one["job"]) for one in logs] == [
        ("a job could not be synchronised", broken.finetuning_job_id)
    ]
    assert [(await world.read(one)).status.value for one in others] == ["running"] * 5


async def test_after_a_round_nobody_looks_before_the_next(world: World) -> None:
    """A job seen by the round is due again only after a whole round has failed to come."""
    await live(world, 6)
    for _ in range(3):
        assert await sync(world.engine, world.account) == 6
        assert await world.work() == 0
        world.advance(world.engine.timing.sync_interval_s)
        assert await world.work() == 0
    assert (world.calls("jobs.list"), world.calls("jobs.retrieve")) == (3, 0)
    world.advance(world.engine.timing.sync_interval_s)
    assert await world.work() == 6


async def test_a_cancel_in_the_providers_dashboard_is_noticed_in_one_round(world: World) -> None:
    """And so is every other end; the rest go on."""
    finetunings = await live(world, 8)
    await sync(world.engine, world.account)
    account = world.sandbox.account
    account.cancel_job(str(finetunings[0].finetuning_job_id))
    account.finish_job(str(finetunings[1].finetuning_job_id))
    account.finish_job(str(finetunings[2].finetuning_job_id), outcome=JobStatus.FAILED)
    world.advance(world.engine.timing.sync_interval_s)
    await sync(world.engine, world.account)
    after = [await world.read(one) for one in finetunings]
    assert [one.status.value for one in after] == ["cancelled", "succeeded", "failed"] + ["running"] * 5
    assert (after[0].error, after[0].cancellation) == ("Fine tuning cancelled at the provider", None)
    assert after[1].model_id == account.job(str(after[1].finetuning_job_id)).model_id
    assert [one.due_at is None for one in after] == [True] * 3 + [False] * 5
    assert (world.calls("jobs.list"), world.calls("jobs.retrieve")) == (2, 0)


async def test_a_cancel_between_list_and_claim_is_not_answered_from_the_list(world: World) -> None:
    """The round leaves it alone; its next holder asks the provider."""
    finetunings = await live(world, 6)
    asked = finetunings[0]
    await sync_around(world, lambda: ask(world, asked))
    after = await world.read(asked)
    assert (after.status, after.synced_at) == (FinetuningStatus.QUEUED, None)
    assert (world.calls("jobs.cancel"), len(world.live_jobs())) == (0, 6)
    world.advance(world.engine.timing.lease_s)  # of whoever asked and went away
    await take_over(world.engine, asked.id)
    cancelled = await world.read(asked)
    assert cancelled.status is FinetuningStatus.CANCELLED
    assert (world.calls("jobs.cancel"), world.calls("jobs.retrieve"), len(world.live_jobs())) == (1, 1, 5)


async def test_a_cancel_during_the_rounds_own_turn_is_read_back(world: World) -> None:
    """The round holds the lease, so it stops the job, and believes the provider and not its list."""
    finetunings = await live(world, 6)
    asked: list[Finetuning] = []

    async def cancel_held() -> None:
        held = await Finetuning.find_one({"lease": {"$ne": None}})
        assert held is not None
        asked.append(await ask(world, held))

    interrupted = Interrupted(at=1, interruption=cancel_held)
    await sync(interrupted.engine(world.engine), world.account)
    assert interrupted.calls[0] == "record_sync"
    after = await world.read(asked[0])
    assert after.status is FinetuningStatus.CANCELLED
    assert after.cancellation is not None
    assert after.cancellation.phase is CancellationPhase.CONFIRMED
    called = [call.operation for call in world.sandbox.calls.find()]
    assert called == ["jobs.list", "jobs.cancel", "jobs.retrieve"]
    others = [await world.read(one) for one in finetunings if one.id != after.id]
    assert [one.status.value for one in others] == ["running"] * 5


async def test_a_hint_between_list_and_claim_is_not_lost(world: World) -> None:
    """Its news is newer than the list: the worker looks at once."""
    hinted = (await live(world, 6))[0]
    job_id = str(hinted.finetuning_job_id)

    async def end_and_hint() -> None:
        world.sandbox.account.finish_job(job_id)
        await world.engine.upkeep.hint_job(job_id, account=OPENAI)
        world.advance(0.001)

    await sync_around(world, end_and_hint)
    assert (await world.read(hinted)).synced_at is None
    assert await world.work() == 1
    assert (await world.read(hinted)).status is FinetuningStatus.SUCCEEDED
    assert (world.calls("jobs.list"), world.calls("jobs.retrieve")) == (1, 1)


async def test_a_look_between_list_and_claim_is_newer_than_the_list(world: World) -> None:
    """A read meanwhile is not taken back."""
    finetunings = await live(world, 6)
    account = world.sandbox.account

    async def pause_and_look() -> None:
        for one in finetunings:
            account.pause_job(str(one.finetuning_job_id))
        await world.work()

    await sync_around(world, pause_and_look)
    after = [await world.read(one) for one in finetunings]
    assert [one.provider_status for one in after] == ["paused"] * 6


async def test_what_is_held_is_left_to_its_holder(world: World) -> None:
    """The others are synchronised all the same."""
    finetunings = await live(world, 7)
    held = await world.engine.store.claim(finetunings[3].id, token="holder")
    assert held is not None
    before = await raw(world, held)
    assert await sync(world.engine, world.account) == 7
    assert await raw(world, held) == before
    assert await Finetuning.find({"status": "running"}).count() == 6


async def test_a_list_that_cannot_be_read_changes_nothing(world: World) -> None:
    """Everyone stays due, and is looked at one by one."""
    await live(world, 6)
    world.fault(Fault(kind=FaultKind.STATUS, operation="jobs.list", status=500))
    with pytest.raises(OutcomeUnknownError):
        await sync(world.engine, world.account)
    assert await Finetuning.find({"synced_at": None, "lease": None, "faults": 0}).count() == 6
    assert await world.work() == 6
    assert world.calls("jobs.retrieve") == 6


async def test_a_job_that_is_not_listed_is_looked_at_by_itself(world: World) -> None:
    """A list proves nothing about the jobs missing from it."""
    lost = (await live(world, 7))[0]
    del world.sandbox.account.holdings.jobs[str(lost.finetuning_job_id)]
    assert await sync(world.engine, world.account) == 7
    assert (await world.read(lost)).missing_since is None
    assert await world.work() == 1
    assert (await world.read(lost)).missing_since == world.clock.now()
    assert (world.calls("jobs.list"), world.calls("jobs.retrieve")) == (1, 1)


async def test_rounds_at_once_do_no_harm(world: World) -> None:
    """Each finetuning is taken by one of them at a time, and all come out the same."""
    await live(world, 20)
    await asyncio.gather(*[sync(world.engine, world.account) for _ in range(3)])
    assert await Finetuning.find({"status": "running", "lease": None, "faults": 0}).count() == 20
    assert (await world.work(), world.calls("jobs.retrieve")) == (0, 0)
