"""A flood of refused credentials is a few entries."""

from collections.abc import Callable
from typing import Any

from graphql_api.audit.refusals import MOST_TOLD, TOLD_S, RefusedCredentials


class Minutes:
    """The timers of a test, run by it alone."""

    def __init__(self) -> None:
        self.timers: list[Callable[[], None]] = []

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Keep a timer."""
        assert seconds == TOLD_S
        self.timers.append(act)

    def pass_one(self) -> None:
        """Run all timers."""
        due, self.timers = self.timers, []
        for act in due:
            act()


def told() -> tuple[RefusedCredentials, Minutes, list[dict[str, Any]]]:
    """Return the counter, its time and its entries."""
    minutes, entries = Minutes(), list[dict[str, Any]]()
    return RefusedCredentials(entries.append, later=minutes.later), minutes, entries


def note(refused: RefusedCredentials, address: str = "192.0.2.7", reason: str = "unknown") -> None:
    """Note a refusal."""
    refused.note("UNAUTHENTICATED", reason=reason, address=address, request_id="r")


def test_the_first_refusal_is_told_at_once_and_the_others_by_their_number() -> None:
    """One entry a minute, as long as they come."""
    refused, minutes, entries = told()
    for _ in range(1000):
        note(refused)
    assert [(one["address"], one["request_id"], one["attempts"]) for one in entries] == [
        ("192.0.2.7", "r", 1)
    ]
    assert (entries[0]["tenant"], entries[0]["code"], entries[0]["reason"]) == (
        None,
        "UNAUTHENTICATED",
        "unknown",
    )
    minutes.pass_one()
    note(refused)
    assert [one["attempts"] for one in entries] == [1, 999]
    minutes.pass_one()
    assert [one["attempts"] for one in entries] == [1, 999, 1]
    minutes.pass_one()
    assert (minutes.timers, len(entries)) == ([], 3)


def test_addresses_and_reasons_are_told_apart() -> None:
    """Each has its own entry."""
    refused, _, entries = told()
    note(refused)
    note(refused, address="192.0.2.8")
    note(refused, reason="expired")
    assert len(entries) == 3


def test_a_flood_from_everywhere_is_bounded() -> None:
    """Beyond a hundred, addresses share one entry for each reason, and nothing is uncounted."""
    refused, minutes, entries = told()
    for number in range(10 * MOST_TOLD):
        note(refused, address=str(number))
    assert len(entries) == MOST_TOLD + 1
    assert entries[-1]["address"] is None
    minutes.pass_one()
    assert sum(one["attempts"] for one in entries) == 10 * MOST_TOLD


def test_the_end_of_the_server_tells_what_is_left() -> None:
    """And no timer tells it again."""
    refused, minutes, entries = told()
    for _ in range(3):
        note(refused)
    refused.close()
    minutes.pass_one()
    assert [one["attempts"] for one in entries] == [1, 2]
