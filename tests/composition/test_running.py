"""Commands straight on the database."""

import click
import pytest

from graphql_api.composition.running import run
from graphql_api.composition.start_error import StartError


async def answer(problem: Exception | None = None) -> str:
    """Return a word, or raise the problem."""
    if problem is not None:
        raise problem
    return "done"


def test_a_database_that_cannot_be_used_is_one_line() -> None:
    """Any other problem is a defect, and keeps its traceback."""
    assert run(answer()) == "done"
    with pytest.raises(click.ClickException, match="MONGODB_URI: nobody answers"):
        run(answer(StartError("MONGODB_URI: nobody answers")))
    with pytest.raises(LookupError):
        run(answer(LookupError("a defect")))
