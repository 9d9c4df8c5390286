"""The provider's log of a job.

It is read rarely, kept in order and once, and never in anyone's way.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest

from graphql_api.accounts.opening import Accounts
from graphql_api.documents import Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.finetunings.delete import delete
from graphql_api.providers import port
from graphql_api.providers.registry import Providers
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.jobs import JobStatus
from graphql_api.store.provider_log import ProviderLog
from graphql_api.upkeep.log_sync import MOST_FAULTS_AFTER_THE_END, LogSync
from tests.interruptions import Crash
from tests.logs import CHECKPOINTS, EVENTS, check, leased_by_logs, logs_of, many, stored
from tests.stages import raw
from tests.world import World


async def test_a_log_grows_with_the_job_and_is_completed_at_its_end(world: World, logs: LogSync) -> None:
    """Each line once, in the provider's order, with its metrics; and the checkpoints with usable names."""
    training = await world.created_and_training()
    assert await logs.do_round() == 1
    first = await check(world, training)
    assert first.provider_events > 0
    world.advance(20)
    assert await logs.do_round() == 1
    assert (await check(world, training)).provider_events > first.provider_events
    world.sandbox.account.finish_job(str(training.finetuning_job_id))
    world.advance(20)
    await world.work()
    assert await logs.do_round() == 1
    done = await check(world, training)
    job = world.sandbox.account.job(str(training.finetuning_job_id))
    assert (done.status, done.model_id) == (FinetuningStatus.SUCCEEDED, job.model_id)
    assert [(one.step_number, one.model_id) for one in done.checkpoints] == [
        (step, f"{job.model_id}:ckpt-step-{step}") for step in (10, 20, 30)
    ]
    assert done.checkpoints[-1].metrics.train_loss == 0.2707
    metrics = [line.metrics for line in await stored(training) if line.metrics]
    assert (metrics[-1].step, metrics[-1].total_steps, metrics[-1].train_loss) == (30, 30, 0.2707)
    kinds = {line.kind for line in await stored(training)}
    assert kinds == {FinetuningEventKind.PROVIDER_MESSAGE, FinetuningEventKind.PROVIDER_METRICS}
    world.advance(10_000)
    assert await logs.do_round() == 0


async def test_a_log_that_has_not_grown_costs_one_call_and_changes_nothing(
    world: World, logs: LogSync
) -> None:
    """Neither the checkpoints are asked for nor anybody is told of a change."""
    training = await world.created_and_training()
    job_id = str(training.finetuning_job_id)
    await logs.do_round()
    world.sandbox.account.pause_job(job_id)
    world.advance(20)
    await logs.do_round()
    before, calls = await world.read(training), (world.calls(EVENTS), world.calls(CHECKPOINTS))
    world.advance(20)
    assert await logs.do_round() == 1
    after = await world.read(training)
    assert (world.calls(EVENTS), world.calls(CHECKPOINTS)) == (calls[0] + 1, calls[1])
    assert (after.version, after.updated_at) == (before.version, before.updated_at)


async def test_only_new_lines_are_read_page_by_page(world: World, logs: LogSync) -> None:
    """A log of many pages is read back to the last known line, and by one reader only."""
    [training] = await many(world, 1)
    job = world.sandbox.account.job(str(training.finetuning_job_id))
    milestone = replace(job.history[-1], message="a line", metrics=None, status=None)
    job.history += [replace(milestone, message=f"line {n}") for n in range(250)]
    await logs.do_round()
    assert world.calls(EVENTS) == 3
    await check(world, training)
    job.history += [replace(milestone, message=f"more {n}") for n in range(5)]
    world.advance(20)
    await logs.do_round()
    assert world.calls(EVENTS) == 4
    await check(world, training)


async def test_late_and_reordered_lines_are_kept_once(world: World, logs: LogSync) -> None:
    """A line shown late by the provider comes behind the known ones: their numbers stay."""
    [training] = await many(world, 1)
    provider = world.provider
    lines = (await provider.list_job_events(str(training.finetuning_job_id), after=None)).events[::-1]
    late = replace(lines[0], id="late", at=world.clock.now() - timedelta(hours=1), message="late")
    rounds = [lines, [late, *lines], lines]
    logs = scripted(world, events=rounds)
    for _ in rounds:
        assert await logs.do_round() == 1
        world.advance(20)
    kept = await stored(training)
    assert [line.event_id for line in kept] == [*[line.id for line in lines], "late"]
    assert (await world.read(training)).provider_events == len(kept)


@pytest.mark.parametrize("moment", ["before the lines", "after the lines", "amid the lines"])
async def test_a_crash_leaves_nothing_out_and_nothing_twice(world: World, logs: LogSync, moment: str) -> None:
    """Lines stored and not counted are shown to no one, and counted by the next reader."""

    class TornLog(ProviderLog):
        async def append(
            self, finetuning: Finetuning, events: Sequence[port.JobEvent], *, start: int
        ) -> None:
            kept = {"before the lines": 0, "amid the lines": 2, "after the lines": len(events)}[moment]
            await super().append(finetuning, events[:kept], start=start)
            raise Crash

    training = await world.created_and_training()
    with pytest.raises(Crash):
        await replace(logs, log=TornLog(leased_by_logs(world))).do_round()
    assert (await world.read(training)).provider_events == 0
    assert await logs.do_round() == 0
    world.advance(61)
    assert await logs_of(world).do_round() == 1
    await check(world, training)


async def test_a_reader_who_was_overtaken_writes_nothing(world: World, logs: LogSync) -> None:
    """Its lines are there already, and its count would be a step back."""
    training = await world.created_and_training()
    stale = await logs.log.claim(token="stale")
    assert stale is not None
    world.advance(61)
    await world.work()
    assert await logs.do_round() == 1
    before = await raw(world, training)
    assert await logs.log.record(stale, lines=1, checkpoints=[], due_in_s=0) is None
    assert await logs.log.record_fault(stale, due_in_s=0) is None
    assert await raw(world, training) == before
    await check(world, training)


@pytest.mark.parametrize("moment", ["before_answer", "before_append"])
async def test_two_readers_at_once_keep_each_line_once(world: World, logs: LogSync, moment: str) -> None:
    """The second to store a number is refused, counts nothing, and finds the line there the next time."""
    training = await world.created_and_training()
    claimed = await logs.log.claim(token="slow")
    assert claimed is not None
    provider = world.provider
    lines = (await provider.list_job_events(str(training.finetuning_job_id), after=None)).events[::-1]
    await logs.log.append(claimed, lines[:3], start=0)
    world.advance(61)
    rest = partial(logs.log.append, claimed, lines[3:], start=3)
    racing = scripted(world, events=[lines], **{moment: rest})
    assert await racing.do_round() == 1
    after = await world.read(training)
    assert (after.provider_events, after.log_work and after.log_work.faults) == (0, 1)
    world.advance(61)
    assert await logs.do_round() == 1
    await check(world, training)


@pytest.mark.parametrize("operation", [EVENTS, CHECKPOINTS])
@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.RESET, FaultKind.TRUNCATED])
async def test_a_failing_log_keeps_neither_status_nor_cancel(
    world: World, logs: LogSync, operation: str, kind: FaultKind
) -> None:
    """It is tried again later, and completed once the provider answers, after the end as well."""
    world.fault(Fault(kind=kind, operation=operation, times=None, status=503))
    training = await world.created_and_training()
    await logs.do_round()
    assert training.status is FinetuningStatus.RUNNING
    cancelled = await world.cancel(training)
    assert cancelled.status is FinetuningStatus.CANCELLED
    for _ in range(3):
        world.advance(61)
        assert await logs.do_round() == 1
    world.sandbox.faults.clear()
    world.advance(61)
    assert await logs.do_round() == 1
    after = await check(world, training)
    log_fields = {"provider_events", "checkpoints", "log_work", "updated_at", "version"}
    assert after.model_dump(exclude=log_fields) == cancelled.model_dump(exclude=log_fields)
    world.advance(10_000)
    assert await logs.do_round() == 0


async def test_the_log_of_an_ended_job_is_given_up_in_the_end(world: World, logs: LogSync) -> None:
    """A provider that never shows it is not asked for ever."""
    training = await world.created_and_training()
    await world.cancel(training)
    world.fault(Fault(kind=FaultKind.STATUS, operation=EVENTS, times=None, status=500))
    rounds = 0
    while await logs.do_round():
        rounds += 1
        world.advance(61)
    assert rounds == MOST_FAULTS_AFTER_THE_END + 1
    after = await world.read(training)
    assert after.log_work is not None
    assert (after.status, after.log_work.due_at) == (FinetuningStatus.CANCELLED, None)


async def test_a_provider_without_checkpoints_has_a_log(world: World, logs: LogSync) -> None:
    """An endpoint that does not know the list of checkpoints loses nothing else by it."""
    world.fault(Fault(kind=FaultKind.STATUS, operation=CHECKPOINTS, times=None, status=404))
    training = await world.created_and_training()
    assert await logs.do_round() == 1
    assert (await check(world, training)).checkpoints == []


async def test_a_cancel_shows_what_is_kept(world: World, logs: LogSync) -> None:
    """The checkpoints reached before it are there afterwards, by names that can be used."""
    training = await world.created_and_training()
    world.advance(28)
    cancelled = await world.cancel(training)
    assert (cancelled.status, cancelled.checkpoints) == (FinetuningStatus.CANCELLED, [])
    assert await logs.do_round() == 1
    after = await world.read(training)
    model_id = world.sandbox.account.job(str(training.finetuning_job_id)).model_id
    assert [one.model_id for one in after.checkpoints] == [
        f"{model_id}:ckpt-step-10",
        f"{model_id}:ckpt-step-20",
    ]


async def test_the_rest_of_a_log_is_due_as_soon_as_the_job_has_ended(world: World, logs: LogSync) -> None:
    """It does not wait for the interval, nor for a present reader: this one's writes are void."""
    training = await world.created_and_training()
    assert [await logs.do_round(), await logs.do_round()] == [1, 0]
    world.advance(10)
    reading = await logs.log.claim(token="slow")
    assert reading is not None
    await world.cancel(training)
    assert [await logs.do_round(), await logs.do_round()] == [1, 0]
    assert await logs.log.record(reading, lines=1, checkpoints=[], due_in_s=10) is None
    await check(world, training)


async def test_a_deleted_finetunings_log_is_kept_and_read_no_more(world: World, logs: LogSync) -> None:
    """As its timeline is: it tells of the money spent."""
    training = await world.created_and_training()
    assert await logs.do_round() == 1
    lines = await stored(training)
    deleted = await delete(str(training.id), caller=world.caller, engine=world.engine)
    assert (deleted.provider_events, deleted.log_work) == (len(lines), None)
    world.advance(10_000)
    assert await logs.do_round() == 0
    assert await stored(training) == lines != []


async def test_a_failed_jobs_reason_is_in_its_log(world: World, logs: LogSync) -> None:
    """With the provider's own level."""
    training = await world.created_and_training()
    world.sandbox.account.finish_job(str(training.finetuning_job_id), outcome=JobStatus.FAILED)
    world.advance(20)
    await world.work()
    await logs.do_round()
    assert [line.level for line in await stored(training)][-1] == "error"
    await check(world, training)


def scripted(
    world: World,
    *,
    events: list[Sequence[port.JobEvent]],
    before_answer: Any = None,
    before_append: Any = None,
) -> LogSync:
    """Return a reader of the logs of a provider with these lists, one after the other, newest first."""
    provider = world.provider

    class Scripted:
        async def list_job_events(self, job_id: str, *, after: str | None) -> port.EventPage:
            if before_answer is not None:
                await before_answer()
            return port.EventPage(events=events.pop(0)[::-1], has_more=False)

        async def list_checkpoints(self, job_id: str) -> list[port.ProviderCheckpoint]:
            return await provider.list_checkpoints(job_id)

    class Late(ProviderLog):
        async def append(self, *given: Any, **more: Any) -> None:
            if before_append is not None:
                await before_append()
            await super().append(*given, **more)

    accounts = Accounts(Providers({"openai": cast("Any", Scripted())}))
    engine = replace(world.engine, accounts=accounts)
    logs = logs_of(world)
    return replace(logs, engine=engine, log=Late(logs.log._leased))
