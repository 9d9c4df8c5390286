"""The provider's log of other endpoints.

Their ids change or lack, their order differs, and there may be no second page.
"""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from graphql_api.documents import Finetuning, LogPlace
from graphql_api.following.change_feed import Feed
from graphql_api.following.subscription import Interest
from graphql_api.sandbox.openai import Durations, Fault, FaultKind
from graphql_api.store.change_stream import ChangeStream
from graphql_api.store.database import Database
from graphql_api.upkeep.log_sync import FAULTS_FOR_ALL, LogSync
from tests.logs import CHECKPOINTS, EVENTS, check, many, stored, told
from tests.world import World

NEW, NONE, OLDEST, REFUSED = (
    FaultKind.NEW_EVENT_IDS,
    FaultKind.NO_EVENT_IDS,
    FaultKind.OLDEST_FIRST,
    FaultKind.AFTER_REFUSED,
)
POLLS = 22

EVERY_ACCENT = pytest.mark.parametrize(
    "accents",
    [(), (NEW,), (NONE,), (OLDEST,), (REFUSED,), (NEW, OLDEST), (NONE, OLDEST), (NEW, REFUSED)],
    ids=lambda accents: "+".join(accents) or "as OpenAI",
)


def speak(world: World, *accents: FaultKind) -> None:
    """Let the provider have these accents from now on."""
    for accent in accents:
        world.fault(Fault(kind=accent, operation=EVENTS, times=None))


async def grown(world: World, lines: int) -> Finetuning:
    """Return a finetuning with so many more log lines, a second apart, and a still log from then on."""
    [training] = await many(world, 1)
    world.sandbox.account.pause_job(str(training.finetuning_job_id))
    grow(world, training, lines)
    return training


def grow(world: World, training: Finetuning, lines: int) -> None:
    """Let the log go on for so many lines."""
    history = world.sandbox.account.job(str(training.finetuning_job_id)).history
    last = replace(history[-1], metrics=None, status=None, is_checkpoint=False)
    history += [replace(last, at=last.at + n, message=f"line {len(history) + n}") for n in range(lines)]


async def rounds(world: World, logs: LogSync, count: int = POLLS) -> None:
    """Read the log so often."""
    for _ in range(count):
        world.advance(20)
        assert await logs.do_round() == 1


@EVERY_ACCENT
async def test_each_line_is_stored_once_in_every_accent(
    world: World, logs: LogSync, accents: tuple[FaultKind, ...]
) -> None:
    """A log that grows is told in its order, however often it is read, up to the job's end."""
    speak(world, *accents)
    world.sandbox.account.durations = Durations(running_s=300)
    training = await world.created_and_training()
    for _ in range(POLLS):
        assert await logs.do_round() == 1
        await check(world, training)
        world.advance(10)
    world.sandbox.account.finish_job(str(training.finetuning_job_id))
    world.advance(20)
    await world.work()
    assert await logs.do_round() == 1
    done = await check(world, training)
    assert done.provider_events == len(set(told(world, done))) > 20
    assert (await logs.do_round(), done.log_place.is_cut) == (0, False)


@EVERY_ACCENT
async def test_nothing_new_wakes_nobody_and_stores_nothing(
    database: Database, world: World, logs: LogSync, accents: tuple[FaultKind, ...]
) -> None:
    """Neither the count nor the version moves in 22 looks; the first change that is told is the next line."""
    speak(world, *accents)
    training = await grown(world, 30)
    await logs.do_round()
    before = await check(world, training)
    calls = world.calls(EVENTS), world.calls(CHECKPOINTS)
    feed = Feed(ChangeStream(database))
    async with feed.subscription(Interest(tenant=before.tenant, finetuning_id=before.id)) as subscription:
        await rounds(world, logs)
        quiet = await check(world, training)
        assert (quiet.version, quiet.updated_at) == (before.version, before.updated_at)
        assert (world.calls(EVENTS) - calls[0], world.calls(CHECKPOINTS) - calls[1]) == (POLLS, 0)
        grow(world, training, 1)
        await rounds(world, logs, 1)
        async for change in subscription:
            assert change.finetuning.version == before.version + 1
            assert change.finetuning.provider_events == before.provider_events + 1
            break
    await feed.close()
    await check(world, training)


async def test_a_list_that_is_oldest_first_is_read_on_at_its_end(world: World, logs: LogSync) -> None:
    """A log of many pages: after the first look its first page and its end are asked for, and no more."""
    speak(world, OLDEST)
    training = await grown(world, 330)
    await logs.do_round()
    assert world.calls(EVENTS) == 4
    for lines in (0, 1, 5, 99, 101, 250, 0):
        grow(world, training, lines)
        before = world.calls(EVENTS)
        await rounds(world, logs, 1)
        pages_of_news = max(1, -(-lines // 100))
        assert world.calls(EVENTS) - before <= 1 + pages_of_news
        await check(world, training)


async def test_the_place_where_a_list_goes_on_may_be_forgotten(world: World, logs: LogSync) -> None:
    """A line that the provider does not know any more costs one look through the list, and no line."""
    speak(world, OLDEST)
    training = await grown(world, 230)
    await logs.do_round()
    gone = {"$set": {"log_place.resume_after": "gone"}}
    await world.database["finetunings"].update_one({"_id": training.id}, gone)
    grow(world, training, 7)
    await rounds(world, logs, 1)
    after = await check(world, training)
    lines = await stored(training)
    assert after.log_place == LogPlace(resume_after=lines[-1].event_id, is_cut=False)


@pytest.mark.parametrize("accents", [(REFUSED,), (NEW,), (NONE,)], ids="+".join)
async def test_what_a_list_gives_of_its_rest_is_kept(
    world: World, logs: LogSync, accents: tuple[FaultKind, ...]
) -> None:
    """Its first page is stored, read on from there, and the missing rest is logged once and is no fault."""
    speak(world, *accents)
    training = await grown(world, 250)
    with capture_logs() as told_of:
        await logs.do_round()
        await rounds(world, logs)
        grow(world, training, 50)
        await rounds(world, logs)
    kept, after = await stored(training), await world.read(training)
    assert [line.message for line in kept] == told(world, training)[-150:]
    assert [line.number for line in kept] == list(range(150))
    assert (after.provider_events, after.log_place.is_cut) == (150, True)
    assert after.log_work is not None
    assert after.log_work.faults == 0
    warnings = [entry["event"] for entry in told_of if entry["log_level"] == "warning"]
    assert warnings == ["the provider gives only a part of a log"]


async def test_an_oldest_first_list_without_a_second_page_stands_without_a_fault(
    world: World, logs: LogSync
) -> None:
    """Its end is out of reach: its lines are kept, once."""
    speak(world, OLDEST, REFUSED)
    training = await grown(world, 250)
    await logs.do_round()
    await rounds(world, logs, 5)
    kept, after = await stored(training), await world.read(training)
    assert [line.message for line in kept] == told(world, training)[:100]
    assert (after.provider_events, after.log_work and after.log_work.faults) == (100, 0)


async def test_a_page_that_fails_for_now_is_waited_for(world: World, logs: LogSync) -> None:
    """A log is stored with nothing left out as long as its rest may still come."""
    training = await grown(world, 150)
    for _ in range(FAULTS_FOR_ALL):
        world.fault(Fault(kind=FaultKind.DELAY, operation=EVENTS, seconds=0))
        world.fault(Fault(kind=FaultKind.STATUS, operation=EVENTS, status=500))
    for _ in range(FAULTS_FOR_ALL):
        world.advance(61)
        assert await logs.do_round() == 1
        assert await stored(training) == []
    await rounds(world, logs, 1)
    await check(world, training)


async def test_a_page_that_fails_again_and_again_is_done_without(world: World, logs: LogSync) -> None:
    """After three looks in a row the lines read are kept, and the log goes on from there."""
    training = await grown(world, 150)
    for _ in range(FAULTS_FOR_ALL + 1):
        world.fault(Fault(kind=FaultKind.DELAY, operation=EVENTS, seconds=0))
        world.fault(Fault(kind=FaultKind.STATUS, operation=EVENTS, status=500))
    for _ in range(FAULTS_FOR_ALL + 1):
        world.advance(61)
        assert await logs.do_round() == 1
    after = await world.read(training)
    assert [line.message for line in await stored(training)] == told(world, training)[-100:]
    assert (after.provider_events, after.log_place.is_cut) == (100, True)


async def test_lines_of_an_earlier_version_are_recognised(world: World, logs: LogSync) -> None:
    """They have no digests until their log is read; then they have the same as if stored today."""
    training = await grown(world, 40)
    await logs.do_round()
    today = await stored(training)
    lines = world.database["provider_events"]
    await lines.update_many({}, {"$unset": {"digests": ""}})
    await world.database["finetunings"].update_many({}, {"$unset": {"log_place": ""}})
    speak(world, NEW)
    grow(world, training, 2)
    await rounds(world, logs, 2)
    await check(world, training)
    assert (await stored(training))[: len(today)] == today


async def test_a_log_is_read_no_further_than_it_may_grow(world: World, logs: LogSync) -> None:
    """An endpoint that has something to say for ever fills no database."""
    logs = replace(logs, most_lines=50)
    training = await grown(world, 60)
    with capture_logs() as told_of:
        await logs.do_round()
    world.advance(10_000)
    assert await logs.do_round() == 0
    after = await world.read(training)
    assert after.provider_events == len(told(world, training))
    assert [entry["event"] for entry in told_of] == ["a log is too long to read further"]
