"""A line of a log is known if two of its id, its time and its text agree."""

from datetime import UTC, datetime, timedelta

import pytest

from graphql_api.documents.line_identity import LineIdentity, digest

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = AT + timedelta(milliseconds=1)
LINE = LineIdentity("ev-1", AT, 7)


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (LINE, True),
        (LineIdentity("ev-2", AT, 7), True),
        (LineIdentity("ev-1", LATER, 7), True),
        (LineIdentity("ev-1", AT, 8), True),
        (LineIdentity("", AT, 7), True),
        (LineIdentity("ev-1", None, 7), True),
        (LineIdentity("ev-1", AT + timedelta(microseconds=999), 8), True),
        (LineIdentity("ev-2", LATER, 7), False),
        (LineIdentity("ev-2", AT, 8), False),
        (LineIdentity("ev-1", LATER, 8), False),
        (LineIdentity("", LATER, 7), False),
        (LineIdentity("", None, 7), False),
        (LineIdentity("ev-1", None, 8), False),
    ],
)
def test_two_of_three_make_a_line_known(other: LineIdentity, is_same: bool) -> None:
    """One alone does not; times are compared to the millisecond."""
    assert bool(set(LINE.digests) & set(other.digests)) is is_same


def test_a_line_without_an_id_has_one_digest() -> None:
    """Of two lines without id and time, the text decides."""
    assert [len(one.digests) for one in (LINE, LineIdentity("e", None, 7), LineIdentity("", AT, 7))] == [
        3,
        2,
        1,
    ]


def test_a_digest_fits_into_mongodbs_integer() -> None:
    """It is stored, so it is the same in every process, and it tells types and places apart."""
    assert digest("id and text", "ev-1", 7) == 4839565205049757896
    assert digest(1, "1") != digest("1", 1)
    assert -(2**63) <= digest("x") < 2**63
