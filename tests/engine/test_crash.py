"""A holder may crash or be overtaken at any call.

The next holder brings the finetuning to its end. Each test walks through all points of interruption:
before the first call to the store or the provider, before the second, and so on, to a run with its end first
or a mere wait for a live job. A crash after a call is the crash before the next one.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from graphql_api.documents import CancellationPhase, Finetuning, FinetuningStatus, Wanted
from graphql_api.engine.driving import work_once
from graphql_api.engine.engine import Engine
from graphql_api.errors import FinetuningNotCancellableError
from graphql_api.finetunings.cancel import cancel
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.openai.account import Holdings
from graphql_api.sandbox.openai.training import Durations
from tests.interruptions import Crash, Interrupted, Interruption, crash
from tests.provider_faults import at
from tests.world import World

pytestmark = pytest.mark.usefixtures("untraced")  # every scenario is run once for each of its calls

MOST_CALLS = 60
STEP_S = 60
ENDLESS = Durations(running_s=10**6)
LOST_CREATE = Fault(kind=FaultKind.RESET, operation="jobs.create")

FAULTS: dict[str, list[Fault]] = {
    "no_fault": [],
    "create_reply_lost": [Fault(kind=FaultKind.RESET, operation="jobs.create", applied=True)],
    "create_never_arrived": [LOST_CREATE],
    "create_refused_for_now": [Fault(kind=FaultKind.STATUS, operation="jobs.create", status=429)],
    "upload_reply_lost": [Fault(kind=FaultKind.RESET, operation="files.create", applied=True)],
}


@pytest.fixture
def world(calm_world: World) -> World:
    """Yield a world with waits short to walk through."""
    return calm_world


with_each_fault = pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())


async def points(
    world: World, faults: list[Fault], interruption: Callable[[Finetuning], Interruption]
) -> AsyncIterator[tuple[Finetuning, Interrupted]]:
    """Yield a new finetuning for each point of interruption, until the second look at a live job."""
    connection = await world.connection()
    for number in range(1, MOST_CALLS):
        start_afresh(world)
        for fault in faults:
            world.fault(at(fault.operation, fault))
        created = await world.create(db_connection_id=str(connection.id))
        interrupted = Interrupted(at=number, interruption=interruption(created))
        yield created, interrupted
        if not interrupted.happened or interrupted.calls.count("retrieve_job") > 1:
            assert "attach_job" in interrupted.calls
            return
    pytest.fail(f"a run does not end within {MOST_CALLS} calls")


def start_afresh(world: World) -> None:
    """Let the provider forget the past: its lists stay short, and a leftover shows."""
    world.sandbox.faults.clear()
    world.sandbox.calls.clear()
    world.sandbox.account.holdings = Holdings()


async def see_through(world: World, engine: Engine, finetuning: Finetuning) -> Finetuning:
    """Let this engine work through time until nothing is due any more."""
    for _ in range(60):
        while await work_once(engine):
            pass
        latest = await world.read(finetuning)
        if latest.due_at is None:
            return latest
        world.advance(STEP_S)
    pytest.fail(f"the finetuning {finetuning.id} does not come to its end")


def creates(world: World, finetuning: Finetuning) -> int:
    """Return how many create calls for this finetuning took effect."""
    ours = {"finetuning_id": str(finetuning.id)}
    return len(world.sandbox.calls.find("jobs.create", applied=True, metadata=ours))


def files(world: World, finetuning: Finetuning) -> list[str]:
    """Return the ids of the training files of this finetuning that are at the provider."""
    return [file.id for file in world.files() if str(finetuning.id) in file.filename]


def assert_trained(world: World, finetuning: Finetuning) -> None:
    """Assert that the finetuning has its one job, and its one file."""
    assert (finetuning.status, finetuning.error) == (FinetuningStatus.SUCCEEDED, None)
    assert creates(world, finetuning) == 1
    assert files(world, finetuning) == [finetuning.finetuning_file_id]
    assert (finetuning.due_at, finetuning.leftover_file, world.live_jobs()) == (None, None, [])


def assert_stopped(world: World, finetuning: Finetuning) -> None:
    """Assert that the cancel came true: no live job, and no file but a job's."""
    made = creates(world, finetuning)
    assert finetuning.status is FinetuningStatus.CANCELLED
    assert finetuning.cancellation is not None
    unsure = finetuning.unanswered_create or (made == 0 and finetuning.submission is not None)
    phase = CancellationPhase.UNCONFIRMED if unsure else CancellationPhase.CONFIRMED
    assert finetuning.cancellation.phase is phase
    assert (finetuning.finetuning_job_id is not None) == bool(made)
    assert made <= 1
    known = finetuning.finetuning_file_id
    assert files(world, finetuning) == ([known] if known else [])
    assert (known is not None) == bool(made)
    assert (finetuning.due_at, finetuning.leftover_file, world.live_jobs()) == (None, None, [])


async def ask(world: World, finetuning: Finetuning) -> None:
    """Cancel, and hold the answer to the truth of this moment."""
    with suppress(FinetuningNotCancellableError):
        answer = await world.cancel(finetuning)
        assert answer.wanted is Wanted.CANCEL
        if answer.status is FinetuningStatus.CANCELLED:
            assert world.live_jobs() == []


@with_each_fault
async def test_a_crash_at_any_call_of_the_training_is_made_good(world: World, faults: list[Fault]) -> None:
    """The taker of the expired lease trains the model, with one job and one file."""
    async for created, interrupted in points(world, faults, lambda _: crash):
        with suppress(Crash):
            await see_through(world, interrupted.engine(world.engine), created)
        assert_trained(world, await see_through(world, world.engine, created))


@with_each_fault
async def test_a_cancel_after_a_crash_at_any_call_stops_everything(world: World, faults: list[Fault]) -> None:
    """The cancel meets the lease of a dead holder, and is carried out all the same."""
    world.sandbox.account.durations = ENDLESS
    async for created, interrupted in points(world, faults, lambda _: crash):
        with pytest.raises(Crash):
            await see_through(world, interrupted.engine(world.engine), created)
        await ask(world, created)
        assert_stopped(world, await see_through(world, world.engine, created))


@with_each_fault
async def test_a_cancel_at_any_call_of_the_holder_stops_everything(world: World, faults: list[Fault]) -> None:
    """The holder is alive and goes on right after the cancel was answered: it undoes nothing."""
    world.sandbox.account.durations = ENDLESS
    async for created, interrupted in points(world, faults, lambda created: lambda: ask(world, created)):
        after = await see_through(world, interrupted.engine(world.engine), created)
        assert_stopped(world, after)


async def test_a_cancel_that_crashes_at_any_call_is_carried_out(world: World) -> None:
    """After the intent is stored the job is stopped, for any death; before this nothing was promised."""
    world.sandbox.account.durations = ENDLESS
    calls = ["request_cancel", "cancel_job", "retrieve_job", "close"]
    for number in range(1, len(calls) + 1):
        training = await world.created_and_training()
        interrupted = Interrupted(at=number, interruption=crash)
        engine = interrupted.engine(world.engine)
        with pytest.raises(Crash):
            await cancel(str(training.id), metadata=None, caller=world.caller, engine=engine)
        assert interrupted.calls == calls[:number]
        if number == 1:
            assert await world.read(training) == training
            await world.cancel(training)
        assert_stopped(world, await see_through(world, world.engine, training))


@pytest.mark.parametrize(
    ("faults", "cancelled"),
    [(name, cancelled) for name in ("no_fault", "create_never_arrived") for cancelled in (False, True)],
)
async def test_a_holder_that_sleeps_through_the_end_changes_nothing(
    world: World, faults: str, cancelled: bool
) -> None:
    """It wakes up after another has brought all to its end, and stops the job that it makes too late."""
    ends: dict[str, Finetuning] = {}
    world.sandbox.account.durations = ENDLESS if cancelled else Durations()

    def sleeping(created: Finetuning) -> Interruption:
        async def interrupt() -> None:
            world.advance(world.engine.timing.lease_s)
            if cancelled:
                await ask(world, created)
            ends[str(created.id)] = await see_through(world, world.engine, created)

        return interrupt

    expected = FinetuningStatus.CANCELLED if cancelled else FinetuningStatus.SUCCEEDED
    unseen = {"lease", "updated_at"}
    async for created, interrupted in points(world, FAULTS[faults], sleeping):
        after = await see_through(world, interrupted.engine(world.engine), created)
        if interrupted.happened:
            assert after.status is expected
            slept_through = ends[str(created.id)]
            assert after.model_dump(exclude=unseen) == slept_through.model_dump(exclude=unseen)
            assert world.live_jobs() == []
