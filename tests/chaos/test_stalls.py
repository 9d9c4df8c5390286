"""MongoDB stands still under load.

Every request is answered, all is well afterwards, and the server ends.
"""

from collections import Counter

from chaos.stalls.__main__ import heading, row, run
from chaos.stalls.trial import OK, Result, Trial

SHORT = Trial(name="MongoDB stopped for 3 s", stall_s=3, queries=100, cancels=4)


async def test_a_short_stall() -> None:
    """It is longer than any wait for MongoDB; every request gets an answer, on any Python."""
    result = await run(SHORT, MONGODB_TIMEOUT_S=1, CANCEL_BUDGET_S=2)
    assert result.is_good, (row(result), result.errors)
    assert result.answers.keys() <= {OK, "STORE_UNAVAILABLE"}
    assert result.answers["STORE_UNAVAILABLE"] > 0
    assert result.answers.total() == 104


def test_the_table_names_what_was_not_well() -> None:
    """A reader sees the outcome of a trial in one line."""
    bad = Result(
        trial=SHORT,
        answers=Counter({OK: 1, "STORE_UNAVAILABLE": 2, "unanswered": 3}),
        longest_s=4.44,
        ill=["readyz", "read"],
        errors=[],
        exit_code=None,
        exit_s=60,
    )
    _, name, answers, unanswered, *others = [cell.strip() for cell in row(bad).strip("| ").split("|")]
    assert (name, answers, unanswered) == (SHORT.name, "2 STORE_UNAVAILABLE, 1 ok", "3")
    assert others == ["4.4", "readyz, read", "none in 60.0 s"]
    assert not bad.is_good
    assert len(next(heading()).split("|")) == len(row(bad).split("|"))
