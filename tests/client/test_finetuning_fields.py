"""The parts of a finetuning for people."""

import pytest

from graphql_api.client.finetuning_fields import ENDED, cancelled_in_words
from graphql_api.documents import FinetuningStatus


def test_the_final_statuses_are_the_servers() -> None:
    """By the names of the schema."""
    assert {one.name for one in FinetuningStatus if one.is_terminal} == ENDED


@pytest.mark.parametrize(
    ("status", "phase", "told"),
    [
        ("CANCELLED", "CONFIRMED", "f is cancelled"),
        (
            "RUNNING",
            "REQUESTED",
            "f will be cancelled: the request is kept for good, and the provider is still to confirm it",
        ),
        ("CANCELLED", "UNCONFIRMED", "f is closed as cancelled, but not beyond doubt: lost"),
    ],
)
def test_a_cancel_is_told_as_it_is(status: str, phase: str, told: str) -> None:
    """None says more than the server knows."""
    cancellation = {"phase": phase, "lastError": "lost"}
    assert cancelled_in_words({"id": "f", "status": status, "cancellation": cancellation}) == told
