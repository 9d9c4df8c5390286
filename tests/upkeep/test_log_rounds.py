"""The rounds of the logs' reading.

A round reads a few logs, by one of all servers.
"""

from datetime import timedelta
from typing import Any

from pymongo import InsertOne

from graphql_api.documents import Finetuning
from graphql_api.upkeep import log_sync
from graphql_api.upkeep.log_sync import MOST_A_ROUND, LogSync
from tests.logs import EVENTS, logs_of, many
from tests.stages import raw
from tests.world import World


async def test_what_a_thousand_jobs_cost_in_a_round(world: World, logs: LogSync) -> None:
    """Ten calls for logs and at most ten for checkpoints, the longest due first, ended ones before all."""
    jobs = await many(world, 3 * MOST_A_ROUND)
    clones = [replace_ids(await raw(world, jobs[0]), number) for number in range(1000 - len(jobs))]
    await world.database["finetunings"].bulk_write([InsertOne(clone) for clone in clones])
    for number, job in enumerate(jobs):
        moment = world.clock.now() - timedelta(seconds=1000 - number)
        await set_due(world, job, moment)
    ended = jobs[-1]
    await world.cancel(ended)
    calls = len(world.sandbox.calls.find())
    assert await logs.do_round() == MOST_A_ROUND == 10
    assert len(world.sandbox.calls.find()) - calls == 2 * MOST_A_ROUND
    read = [job for job in jobs if (await world.read(job)).provider_events]
    assert [job.id for job in read] == [job.id for job in (*jobs[:9], ended)]


async def test_one_of_all_servers_does_a_round(world: World, logs: LogSync) -> None:
    """In each interval, the first to come."""
    await world.created_and_training()
    assert [await logs.do_due(), await logs_of(world).do_due()] == [True, False]
    assert world.calls(EVENTS) == 1


async def set_due(world: World, finetuning: Finetuning, moment: object) -> None:
    """Let the log have been due since then."""
    change = {"$set": {"log_work.due_at": moment}}
    await world.database["finetunings"].update_one({"_id": finetuning.id}, change)


def test_a_round_is_bounded() -> None:
    """The figures that the documentation gives."""
    assert (log_sync.MOST_A_ROUND, log_sync.MOST_FAULTS_AFTER_THE_END) == (10, 20)


def replace_ids(document: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the document as another's."""
    return {
        **document,
        "_id": Finetuning.model_fields["id"].get_default(call_default_factory=True),
        "finetuning_job_id": f"ftjob-clone-{number}",
    }
