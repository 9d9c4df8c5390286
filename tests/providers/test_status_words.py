"""A status by a provider's word for it."""

import pytest

from graphql_api.providers.status_words import by_word, plain

STATUSES = by_word({1: "queued not_running", 2: "done"})


@pytest.mark.parametrize(
    ("word", "status"), [("Queued", 1), ("notRunning", 1), ("NOT-RUNNING", 1), ("done", 2)]
)
def test_spellings_make_no_difference(word: str, status: int) -> None:
    """Case, dashes and underscores are left out of every comparison."""
    assert STATUSES[plain(word)] == status


def test_an_unknown_word_has_no_status() -> None:
    """What to make of it is each provider's own."""
    assert plain("undone") not in STATUSES
