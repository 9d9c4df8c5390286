"""The sweep: no live job of ours without an owner.

It stops each of them, and touches no other job.
"""

from collections import Counter

import pytest
from bson import ObjectId
from structlog.testing import capture_logs

from graphql_api.documents import CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.finetunings.delete import delete
from graphql_api.providers.port import DEPLOYMENT_KEY, FINETUNING_ID_KEY, OutcomeUnknownError
from graphql_api.sandbox.faults import Fault, FaultKind
from graphql_api.sandbox.files import Upload
from graphql_api.sandbox.openai.jobs import Job, JobStatus
from graphql_api.sandbox.openai.submission import Submission
from graphql_api.upkeep.sweep import Verdict, sweep
from tests.accounts.stage import account_of
from tests.engine.test_crash import ENDLESS, FAULTS, creates, see_through, start_afresh
from tests.interruptions import Interrupted
from tests.provider_faults import at
from tests.stages import ask, raw
from tests.world import DEPLOYMENT, World

LINE = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'


@pytest.fixture
def world(world: World) -> World:
    """Yield a world with jobs without an end of their own."""
    world.sandbox.account.durations = ENDLESS
    return world


def stray(world: World, finetuning_id: object = None, *, deployment: str | None = DEPLOYMENT) -> Job:
    """Make a job at the provider, unknown here."""
    named = None if finetuning_id is None else str(finetuning_id)
    marks = {FINETUNING_ID_KEY: named, DEPLOYMENT_KEY: deployment}
    upload = Upload(filename="stray.jsonl", purpose="fine-tune", content=LINE * 10)
    file = world.sandbox.account.add_file(upload)
    metadata = {key: value for key, value in marks.items() if value is not None}
    return world.sandbox.account.create_job(
        Submission(model="gpt-4", training_file=file.id, metadata=metadata)
    )


async def swept(world: World, *, dry_run: bool = False) -> Counter[Verdict]:
    """Sweep once and return the verdicts."""
    return await sweep(world.engine, world.account, dry_run=dry_run)


def counted(world: World, action: str) -> float:
    """Return how many orphans the metric tells of."""
    line = f'finetuning_orphans_total{{action="{action}"}} '
    told = world.engine.metrics.exposition().decode().partition(line)[2]
    return float(told.partition("\n")[0] or 0)


def stopped_message(job_id: str) -> str:
    """Return the timeline's text about a job stopped by the sweep."""
    return f"Stopped by the sweep: the job {job_id} is not this finetuning's own."


def ids(jobs: list[Job]) -> set[str]:
    """Return the ids of the jobs."""
    return {job.id for job in jobs}


@pytest.mark.parametrize("finetuning_id", [None, ObjectId(), "no id", "", "$where"])
async def test_a_job_of_ours_without_a_finetuning_is_stopped(world: World, finetuning_id: object) -> None:
    """Our mark is enough, with any finetuning in it."""
    orphan = stray(world, finetuning_id)
    assert await swept(world) == {Verdict.ORPHAN: 1}
    assert world.sandbox.account.job(orphan.id).status is JobStatus.CANCELLED
    assert (counted(world, "stopped"), counted(world, "reported")) == (1, 0)
    assert await Finetuning.find_all().count() == 0
    assert await swept(world) == {}
    assert (world.calls("jobs.cancel"), counted(world, "stopped")) == (1, 1)


async def test_nobody_elses_job_is_touched(world: World) -> None:
    """Another deployment's jobs and those without our mark may belong to any user of the account."""
    training = await world.created_and_training()
    stray(world, training.id, deployment="another")
    stray(world, training.id, deployment=None)
    stray(world, deployment=None)
    before = await raw(world, training)
    assert await swept(world) == {Verdict.OWNED: 1}
    assert len(world.live_jobs()) == 4
    assert (world.calls("jobs.cancel"), await raw(world, training)) == (0, before)


async def test_a_second_job_of_a_finetuning_is_stopped_and_the_first_goes_on(world: World) -> None:
    """The one that the finetuning knows is its own; the other is noted in its timeline."""
    training = await world.created_and_training()
    double = stray(world, training.id)
    before = await raw(world, training)
    assert await swept(world) == {Verdict.OWNED: 1, Verdict.ORPHAN: 1}
    assert ids(world.live_jobs()) == {training.finetuning_job_id}
    after = await raw(world, training)
    told = after["timeline"].pop()
    assert after.pop("orphaned_jobs") == [double.id]
    assert after == {
        **{name: value for name, value in before.items() if name != "orphaned_jobs"},
        "version": before["version"] + 1,
        "updated_at": world.clock.now(),
    }
    assert (told["kind"], told["at"]) == ("orphan_stopped", world.clock.now())
    assert told["message"] == stopped_message(double.id)


async def test_the_job_of_a_lost_create_call_is_adopted(world: World) -> None:
    """It is the finetuning's own: the sweep has it looked up at once, and stops nothing."""
    world.fault(Fault(kind=FaultKind.RESET, operation="jobs.create", applied=True))
    created = await world.create()
    await world.work()
    assert await swept(world) == {Verdict.ADOPT: 1}
    assert (await world.read(created)).due_at == world.clock.now()
    await world.work()
    after = await world.read(created)
    assert (after.finetuning_job_id, after.wanted.value) == (world.jobs()[0].id, "train")
    assert (len(world.live_jobs()), world.calls("jobs.cancel"), world.calls("jobs.create")) == (1, 0, 1)
    assert await swept(world) == {Verdict.OWNED: 1}


async def test_a_job_that_turns_up_after_its_cancel_was_closed_is_stopped(world: World) -> None:
    """The one thing that an unconfirmed cancel could not know comes true all the same, and is told."""
    world.fault(Fault(kind=FaultKind.RESET, operation="jobs.create"))
    created = await world.create()
    await world.work()
    await world.cancel(created)
    await world.drain(seconds=300)
    closed = await world.read(created)
    assert closed.cancellation is not None
    assert closed.cancellation.phase is CancellationPhase.UNCONFIRMED
    late = stray(world, created.id)
    assert await swept(world) == {Verdict.ORPHAN: 1}
    assert world.live_jobs() == []
    after = await world.read(created)
    assert [(event.kind.value, event.message) for event in after.timeline[len(closed.timeline) :]] == [
        ("orphan_stopped", stopped_message(late.id))
    ]
    assert but_for_the_note(after, of=closed) == closed


async def test_a_job_that_was_stopped_as_an_orphan_is_never_adopted(world: World) -> None:
    """A first job found too late is not the job of a second unanswered create call."""
    world.fault(Fault(kind=FaultKind.RESET, operation="jobs.create", times=2))
    created = await world.create()
    await world.work()
    held = await world.engine.store.claim_due(token="grace")
    while held is None:
        world.advance(1)
        held = await world.engine.store.claim_due(token="grace")
    given_up = await world.engine.store.withdraw_submission(held, reason="too late", unanswered=True)
    assert given_up is not None
    await world.engine.store.release(given_up)
    late = stray(world, created.id)
    assert await swept(world) == {Verdict.ORPHAN: 1}
    await world.drain(seconds=300)
    trained = await world.read(created)
    assert (trained.wanted.value, trained.status, trained.error) == ("train", FinetuningStatus.RUNNING, None)
    assert trained.finetuning_job_id not in {None, late.id}
    assert world.calls("jobs.create") == 3


@pytest.mark.parametrize("end", ["cancelled", "failed", "deleted"])
async def test_a_live_job_of_an_ended_finetuning_is_stopped(world: World, end: str) -> None:
    """After any end nothing may train for it; and an ended one stays as it is."""
    training = await world.created_and_training()
    if end == "failed":
        world.sandbox.account.finish_job(str(training.finetuning_job_id), outcome=JobStatus.FAILED)
        world.advance(10)
        await world.work()
    elif end == "cancelled":
        await world.cancel(training)
    else:
        await delete(str(training.id), caller=world.caller, engine=world.engine)
    ended = await world.read(training)
    assert ended.status is FinetuningStatus("failed" if end == "failed" else "cancelled")
    late = stray(world, training.id)
    assert await swept(world) == {Verdict.ORPHAN: 1}
    after = await world.read(training)
    assert (world.live_jobs(), after.orphaned_jobs) == ([], [late.id])
    assert after.timeline[-1].message == stopped_message(late.id)
    assert but_for_the_note(after, of=ended) == ended


def but_for_the_note(after: Finetuning, *, of: Finetuning) -> Finetuning:
    """Return the finetuning without the traces of an orphan's note."""
    noted = ("orphaned_jobs", "timeline", "version", "updated_at")
    cleaned: Finetuning = after.model_copy(update={name: getattr(of, name) for name in noted})
    return cleaned


async def test_a_wanted_cancel_is_left_to_whoever_carries_it_out(world: World) -> None:
    """The finetuning is live and owns its job: there is one path to the provider."""
    training = await world.created_and_training()
    await ask(world, training)
    assert await swept(world) == {Verdict.OWNED: 1}
    assert world.calls("jobs.cancel") == 0


async def test_a_dry_run_tells_and_stops_nothing(world: World) -> None:
    """It counts its would-be actions, each time, and writes nothing."""
    training = await world.created_and_training()
    double, orphan = stray(world, training.id), stray(world)
    before = await raw(world, training)
    for times in (1, 2):
        with capture_logs() as logs:
            assert await swept(world, dry_run=True) == {Verdict.OWNED: 1, Verdict.ORPHAN: 2}
        assert [(log["job"], log["stops"]) for log in logs] == [(orphan.id, False), (double.id, False)]
        assert (counted(world, "reported"), counted(world, "stopped")) == (2 * times, 0)
    assert (world.calls("jobs.cancel"), len(world.live_jobs())) == (0, 3)
    assert await raw(world, training) == before


@pytest.mark.parametrize("operation", ["jobs.retrieve", "jobs.cancel"])
async def test_one_failing_orphan_does_not_keep_the_others(world: World, operation: str) -> None:
    """It is told of, not counted as stopped, and stopped the next time."""
    orphans = [stray(world) for _ in range(3)]
    world.fault(Fault(kind=FaultKind.STATUS, operation=operation, status=500))
    with capture_logs() as logs:
        assert await swept(world) == {Verdict.ORPHAN: 2}
    (told,) = [log for log in logs if log["event"] == "an orphan could not be stopped yet"]
    assert (told["job"], told["log_level"]) == (orphans[2].id, "warning")
    assert (ids(world.live_jobs()), counted(world, "stopped")) == ({orphans[2].id}, 2)
    assert await swept(world) == {Verdict.ORPHAN: 1}
    assert (world.live_jobs(), counted(world, "stopped")) == ([], 3)


async def test_a_list_that_cannot_be_read_is_said_to_be_so(world: World) -> None:
    """Nothing is judged by half of the list."""
    stray(world)
    world.fault(Fault(kind=FaultKind.TRUNCATED, operation="jobs.list"))
    with pytest.raises(OutcomeUnknownError):
        await swept(world)
    assert (world.calls("jobs.cancel"), len(world.live_jobs())) == (0, 1)
    assert await swept(world) == {Verdict.ORPHAN: 1}


async def test_a_job_that_ends_between_the_list_and_the_look_is_left_alone(world: World) -> None:
    """It needs no cancel, and is no orphan to tell of."""
    stray(world)
    world.fault(Fault(kind=FaultKind.FINISH_FIRST, operation="jobs.retrieve"))
    assert await swept(world) == {Verdict.ORPHAN: 1}
    assert (world.calls("jobs.cancel"), counted(world, "stopped")) == (0, 0)
    assert world.jobs()[0].status is JobStatus.SUCCEEDED


async def test_a_paused_job_is_live(world: World) -> None:
    """A word that we have no status for is not an end."""
    world.sandbox.account.pause_job(stray(world).id)
    assert await swept(world) == {Verdict.ORPHAN: 1}
    assert world.live_jobs() == []


async def test_many_orphans_on_many_pages_are_all_stopped(world: World) -> None:
    """The list changes while it is read, and nothing is passed over."""
    for _ in range(130):
        stray(world)
    assert await swept(world) == {Verdict.ORPHAN: 130}
    assert (world.live_jobs(), world.calls("jobs.list")) == ([], 2)


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
async def test_a_job_whose_creation_is_under_way_is_never_an_orphan(
    calm_world: World, faults: list[Fault]
) -> None:
    """A sweep before any call of the holder stops nothing, and the one job is trained to its end."""
    verdicts: Counter[Verdict] = Counter()
    connection = await calm_world.connection()

    async def sweep_between() -> None:
        verdicts.update(await swept(calm_world))

    interrupted = Interrupted(at=0, interruption=sweep_between)
    while interrupted.at == 0 or interrupted.happened:
        interrupted = Interrupted(at=interrupted.at + 1, interruption=sweep_between)
        start_afresh(calm_world)
        for fault in faults:
            calm_world.fault(at(fault.operation, fault))
        created = await calm_world.create(db_connection_id=str(connection.id))
        after = await see_through(calm_world, interrupted.engine(calm_world.engine), created)
        assert (after.status, creates(calm_world, created)) == (FinetuningStatus.SUCCEEDED, 1)
        assert (calm_world.calls("jobs.cancel"), len(calm_world.jobs())) == (0, 1)
    assert interrupted.at > 10
    assert set(verdicts) == {Verdict.OWNED, Verdict.ADOPT}
    assert counted(calm_world, "stopped") == 0


async def test_an_orphan_is_left_to_the_sweep_of_its_own_account(world: World) -> None:
    """Two accounts with one key see the same jobs; only one of them judges each."""
    account = await account_of(world)
    ended = await world.created_and_training(provider_account_id=str(account.id))
    await world.cancel(ended)
    await world.drain(seconds=60)
    late = stray(world, ended.id)
    assert (await swept(world), len(world.live_jobs())) == (Counter({Verdict.OWNED: 1}), 1)
    verdicts = await sweep(world.engine, await world.engine.account(account.key))
    assert (verdicts, world.live_jobs()) == (Counter({Verdict.ORPHAN: 1}), [])
    assert (await world.read(ended)).orphaned_jobs == [late.id]
