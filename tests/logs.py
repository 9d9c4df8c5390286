"""Shared parts of the tests of the provider's log.

They are its reader, its stored lines and the provider's own.
"""

from pymongo import UpdateMany

from graphql_api.documents import Finetuning, ProviderEvent
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.store.periodic_tasks import Chores
from graphql_api.store.provider_log import ProviderLog
from graphql_api.upkeep.log_sync import LogSync
from tests.upkeep.test_status_sync import live
from tests.world import World

EVENTS, CHECKPOINTS = "jobs.events", "jobs.checkpoints"


def logs_of(world: World) -> LogSync:
    """Return a reader of the logs, as of another server."""
    log = ProviderLog(leased_by_logs(world))
    return LogSync(engine=world.engine, log=log, chores=Chores(world.database["chores"]))


def leased_by_logs(world: World) -> LeasedFinetunings:
    """Return the finetunings as a reader of logs takes them."""
    return LeasedFinetunings(world.database["finetunings"], owner="log", lease_s=60, now=world.clock.now)


async def stored(finetuning: Finetuning) -> list[ProviderEvent]:
    """Return the finetuning's lines, whether they are counted or not, in their order."""
    return await ProviderEvent.find({"finetuning_id": finetuning.id}).sort("+number").to_list()


def told(world: World, finetuning: Finetuning) -> list[str]:
    """Return the provider's own log, the oldest line first."""
    job = world.sandbox.account.job(str(finetuning.finetuning_job_id))
    return [milestone.message for milestone in job.history]


async def check(world: World, finetuning: Finetuning) -> Finetuning:
    """Check that exactly the provider's lines are kept and counted, and return the finetuning."""
    lines, after = await stored(finetuning), await world.read(finetuning)
    assert [line.message for line in lines] == told(world, after)
    assert [line.number for line in lines] == list(range(len(lines)))
    assert after.provider_events == len(lines)
    return after


async def many(world: World, count: int) -> list[Finetuning]:
    """Return finetunings with running jobs and due logs."""
    jobs = await live(world, count)
    due = {"due_at": world.clock.now(), "token": None, "faults": 0}
    await world.database["finetunings"].bulk_write([UpdateMany({}, {"$set": {"log_work": due}})])
    return jobs
