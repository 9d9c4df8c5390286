"""The benchmarks compare like with like."""

from benchmarks.contests import prepare
from benchmarks.samples import TRAINING_FILE
from benchmarks.stage import open_stage
from graphql_api.sandbox.openai.training import examine
from processes.nursery import Nursery


async def test_all_servers_give_the_same_answers(nursery: Nursery) -> None:
    """Byte for byte, or nothing is measured: the bare server keeps up with the real one's answers."""
    async with open_stage(nursery.fork) as stage:
        contests = await prepare(stage)
    assert [contest.title for contest in contests] == [
        "finetuning(id)",
        "finetunings(first: 50)",
        "cancelFinetuning",
    ]


def test_the_jobs_to_cancel_go_on() -> None:
    """The provider takes their training file; it looks at it after the first seconds only."""
    assert examine(TRAINING_FILE).error is None
