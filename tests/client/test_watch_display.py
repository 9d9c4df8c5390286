"""What a watch shows."""

from io import StringIO
from typing import Any

import pytest

from graphql_api.client.following import Event, Lost, State, Step
from graphql_api.client.watch_display import CLEARED, Display, event_line


def event(kind: str, **more: Any) -> dict[str, Any]:
    """Return an event."""
    return {
        "at": "2026-01-01T12:00:00.5+00:00",
        "kind": kind,
        "status": None,
        "message": None,
        "metrics": None,
    } | more


METRICS = {"step": 3, "totalSteps": 30, "trainLoss": 1.5, "validLoss": None, "fullValidLoss": None}
STEPS: list[Step] = [
    State({"status": "RUNNING", "estimatedFinishAt": None}),
    Event(event("PROVIDER_MESSAGE", message="started\x1b[2J")),
    Event(event("PROVIDER_METRICS", metrics=METRICS)),
    Lost("gone"),
    State(None),
]


def shown(*, in_place: bool) -> str:
    """Return everything that is shown for the steps."""
    out = StringIO()
    display = Display(out, in_place=in_place)
    for step in STEPS:
        display.show(step)
    display.end()
    return out.getvalue()


def test_without_a_terminal_each_event_is_a_line() -> None:
    """Nothing in it steers a terminal."""
    assert shown(in_place=False) == (
        "2026-01-01T12:00:00Z  provider message  started [2J\n"
        "2026-01-01T12:00:00Z  step 3 of 30  loss 1.5000\n"
        "gone; trying again\n"
    )


def test_on_a_terminal_one_line_stays_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut to its width; the provider's log moves the bar, and what happens stands above it."""
    monkeypatch.setenv("COLUMNS", "30")
    bar = f"{CLEARED}RUNNING  [##{'-' * 17}"
    assert shown(in_place=True) == (
        f"{CLEARED}RUNNING{CLEARED}RUNNING{bar}{CLEARED}gone; trying again\n{bar}{bar}\n"
    )


def test_an_event_is_told_by_its_kind_status_and_message() -> None:
    """As far as it has them; metrics may lack the number of all steps."""
    changed = event("STATUS_CHANGED", status="RUNNING", message="why")
    assert event_line(changed) == "2026-01-01T12:00:00Z  status changed  RUNNING  why"
    assert event_line(event("X", metrics={**METRICS, "totalSteps": None})).endswith("  step 3  loss 1.5000")
