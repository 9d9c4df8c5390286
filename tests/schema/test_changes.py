"""The schema against the last released one.

A break or a surprise for a client is recorded, or not done.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest
from graphql import build_schema as parsed
from graphql.utilities import BreakingChange, DangerousChange, find_breaking_changes, find_dangerous_changes

from graphql_api.schema import schema_sdl

RELEASED = Path(__file__).parent / "released.graphql"
"""A copy of ``schema.graphql`` as it was released last; a release replaces it and empties the record."""
RECORD = Path(__file__).parent / "recorded_changes.txt"
"""One change a line, as the test prints it; a line that begins with # is a reason."""


def changes(since: str, now: str) -> list[str]:
    """Return the differences for clients, each as a line."""
    old, new = parsed(since), parsed(now)
    found: list[BreakingChange | DangerousChange] = [
        *find_breaking_changes(old, new),
        *find_dangerous_changes(old, new),
    ]
    return sorted(f"{change.type.name}: {change.description}" for change in found)


def lines(text: str) -> Iterable[str]:
    """Return the recorded changes."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_every_change_that_breaks_or_surprises_is_recorded() -> None:
    """And nothing is recorded that has not changed."""
    assert changes(RELEASED.read_text(), schema_sdl()) == sorted(lines(RECORD.read_text()))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (
            '"""The SQL dialect, such as `postgres`."""\n  dialect: String!\n',
            "",
            "FIELD_REMOVED: Field CreateDbConnectionInput.dialect was removed.",
        ),
        (
            "metadata: StringMap\n  ): Finetuning!",
            "metadata: StringMap!\n  ): Finetuning!",
            (
                "ARG_CHANGED_KIND: Argument Mutation.cancelFinetuning(metadata:) has changed type "
                "from StringMap to StringMap!."
            ),
        ),
        (
            '"""The job ended by itself before the cancel reached it."""\n  OVERTAKEN\n',
            "",
            "VALUE_REMOVED_FROM_ENUM: Enum value CancellationPhase.OVERTAKEN was removed.",
        ),
        (
            "  OVERTAKEN\n",
            "  OVERTAKEN\n\n  MORE\n",
            "VALUE_ADDED_TO_ENUM: Enum value CancellationPhase.MORE was added.",
        ),
    ],
    ids=["field", "argument", "value", "new value"],
)
def test_a_change_is_found(before: str, after: str, change: str) -> None:
    """A field or value taken away, an argument newly needed, a value new to every client."""
    now = schema_sdl()
    assert before in now
    assert change in changes(now, now.replace(before, after, 1))


def test_what_is_added_is_no_such_change() -> None:
    """New types, fields and optional arguments are for clients to take up or leave."""
    now = schema_sdl()
    assert changes(now, now + "type More { id: ID! } extend type Query { more(id: ID): More }") == []
