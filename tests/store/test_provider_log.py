"""The stored log of a provider.

It has one reader at a time, each line once, and is counted last.
"""

from datetime import UTC, datetime, timedelta

import pytest

from exploration.samples import job
from graphql_api.documents import Finetuning, FinetuningEventKind, FinetuningStatus, LogPlace, ProviderEvent
from graphql_api.providers.port import JobEvent, ProviderCheckpoint
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.store.provider_log import OvertakenError, ProviderLog, Tail, told_identity
from tests.stages import Stage, held_at
from tests.world import World

AT = datetime(2026, 1, 1, tzinfo=UTC)


def event(number: int, *, at: datetime | None = AT, metrics: dict[str, float] | None = None) -> JobEvent:
    """Return a line as a provider may give it."""
    return JobEvent(id=f"ev-{number}", at=at, level="info", message=f"$line {number}", metrics=metrics)


@pytest.fixture
def log(world: World) -> ProviderLog:
    """Return the log's operations, on the world's clock."""
    return ProviderLog(
        LeasedFinetunings(world.database["finetunings"], owner="log", lease_s=60, now=world.clock.now)
    )


async def training(world: World) -> Finetuning:
    """Return a finetuning with a job and a due log."""
    held = await held_at(world, Stage.ATTACHED)
    synced = await world.engine.store.record_sync(held, job(), status=FinetuningStatus.RUNNING, due_in_s=9)
    assert synced is not None
    due = {"log_work": {"due_at": world.clock.now(), "token": None, "faults": 0}}
    await world.database["finetunings"].update_one({"_id": held.id}, {"$set": due})
    return await world.read(held)


async def claimed(log: ProviderLog, token: str = "reader") -> Finetuning:
    """Return the finetuning of the claimed log."""
    one = await log.claim(token=token)
    assert one is not None
    return one


async def test_a_log_has_one_reader(world: World, log: ProviderLog) -> None:
    """For a term: then another takes over, and the first one writes nothing any more."""
    await training(world)
    first = await claimed(log, "first")
    assert await log.claim(token="second") is None
    world.clock.advance(60)
    second = await claimed(log, "second")
    assert second.id == first.id
    assert await log.record(first, lines=1, checkpoints=None, due_in_s=5) is None
    assert await log.record_fault(first, due_in_s=5) is None
    assert (await world.read(first)).provider_events == 0


async def test_the_logs_of_ended_ones_come_first(world: World, log: ProviderLog) -> None:
    """Even if others have been due for longer."""
    live = await training(world)
    world.clock.advance(1)
    held = await held_at(world, Stage.ATTACHED)
    closed = await world.engine.store.close(held, FinetuningStatus.SUCCEEDED, job=job())
    assert closed is not None
    assert [(await claimed(log)).id, (await claimed(log)).id] == [closed.id, live.id]


async def test_lines_are_stored_with_their_numbers(world: World, log: ProviderLog) -> None:
    """A line without a time gets the time of the line before it, or else that of the last change."""
    reader = await training(world)
    later = AT + timedelta(seconds=1)
    lines = [event(0, at=None), event(1, at=later), event(2, at=None, metrics={"step": 3})]
    await log.append(reader, lines, start=5)
    stored = await ProviderEvent.find({"finetuning_id": reader.id}).sort("+number").to_list()
    assert [(one.number, one.event_id, one.at) for one in stored] == [
        (5, "ev-0", reader.updated_at),
        (6, "ev-1", later),
        (7, "ev-2", later),
    ]
    message, metrics = FinetuningEventKind.PROVIDER_MESSAGE, FinetuningEventKind.PROVIDER_METRICS
    assert [one.kind for one in stored] == [message, message, metrics]
    assert stored[0].message == "$line 0"
    assert [one.digests for one in stored] == [told_identity(line).digests for line in lines]
    assert stored[2].metrics is not None
    assert stored[2].metrics.step == 3


async def test_a_taken_number_is_another_readers(world: World, log: ProviderLog) -> None:
    """The line there stays."""
    reader = await training(world)
    await log.append(reader, [event(0)], start=0)
    with pytest.raises(OvertakenError):
        await log.append(reader, [event(1)], start=0)
    assert [one.event_id for one in await ProviderEvent.find_all().to_list()] == ["ev-0"]
    await log.append(reader, [], start=0)


async def test_uncounted_lines_belong_to_the_tail(world: World, log: ProviderLog) -> None:
    """The next number is after all stored lines; a reader with an older tail has been overtaken."""
    reader = await training(world)
    before = await log.tail(reader)
    assert before == Tail(frozenset(), 0)
    lines = [event(0), event(1)]
    await log.append(reader, lines, start=0)
    tail = await log.tail(reader)
    assert tail == Tail(frozenset(told_identity(line).text for line in lines), 2)
    asked = told_identity(lines[1]).digests
    assert await log.known(reader, asked[:1], tail=tail) == frozenset(asked)
    assert await log.known(reader, [0], tail=tail) == frozenset()
    with pytest.raises(OvertakenError):
        await log.known(reader, asked, tail=before)


async def test_lines_of_an_earlier_version_are_recognised(world: World, log: ProviderLog) -> None:
    """They get the digests that they would have today."""
    reader = await training(world)
    await log.append(reader, [event(0)], start=0)
    await ProviderEvent.get_pymongo_collection().update_many({}, {"$unset": {"digests": ""}})
    await log.recognise_older(reader)
    (line,) = await ProviderEvent.find_all().to_list()
    assert line.digests == told_identity(event(0)).digests


async def test_news_are_a_change_for_clients(world: World, log: ProviderLog) -> None:
    """More lines or other checkpoints make a new version; the same again does not."""
    await training(world)
    told = ProviderCheckpoint(
        id="$c", created_at=AT, model_id="m", step_number=3, metrics={"train_loss": 0.5}
    )
    place = LogPlace(resume_after="ev-1", is_cut=True)
    reader = await claimed(log)
    first = await log.record(reader, lines=2, checkpoints=[told], due_in_s=0, place=place)
    assert first is not None
    assert first.log_work is not None
    assert (first.provider_events, first.log_place, first.version) == (2, place, reader.version + 1)
    assert [(one.id, one.step_number, one.metrics.train_loss) for one in first.checkpoints] == [
        ("$c", 3, 0.5)
    ]
    assert (first.log_work.token, first.log_work.due_at) == (None, world.clock.now())
    again = await log.record(await claimed(log), lines=2, checkpoints=None, due_in_s=None)
    assert again is not None
    assert again.log_work is not None
    assert (again.checkpoints, again.log_place, again.version) == (first.checkpoints, place, first.version)
    assert again.log_work.due_at is None


async def test_faults_in_a_row_are_counted(world: World, log: ProviderLog) -> None:
    """A success begins the count again; neither touches the finetuning's version."""
    before = await training(world)
    for faults in (1, 2):
        failed = await log.record_fault(await claimed(log), due_in_s=0)
        assert failed is not None
        assert failed.log_work is not None
        assert (failed.log_work.faults, failed.version) == (faults, before.version)
    done = await log.record(await claimed(log), lines=0, checkpoints=None, due_in_s=0)
    assert done is not None
    assert done.log_work is not None
    assert done.log_work.faults == 0
