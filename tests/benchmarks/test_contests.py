"""The benchmarks compare like with like."""

import pytest

from benchmarks.contests import prepare
from benchmarks.stage import open_stage


@pytest.mark.timeout(120)
async def test_all_servers_give_the_same_answers() -> None:
    """Byte for byte, or nothing is measured: the bare server keeps up with what the real one says."""
    async with open_stage() as stage:
        contests = await prepare(stage)
    assert [contest.title for contest in contests] == [
        "finetuning(id)",
        "finetunings(first: 50)",
        "cancelFinetuning",
    ]
