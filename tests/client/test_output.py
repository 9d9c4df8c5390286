"""What the commands print."""

import pytest

from graphql_api.client.output import aligned, moment, print_table, shown


def test_what_steers_a_terminal_is_not_printed() -> None:
    """Nor does anything begin a new line or a new cell."""
    assert shown("a\x1b[2J\tb\n\u2028c\u202e") == "a [2J b  c "
    assert shown({"n": 1, "b": "auto"}) == "n=1, b=auto"
    assert shown(None) == "-"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    """Without spaces at the end of a line."""
    assert aligned([["ID", "A"], ["1", "long"], ["22", ""]]) == ["ID  A", "1   long", "22"]


def test_a_pipe_gets_tabs_and_no_heading(capsys: pytest.CaptureFixture[str]) -> None:
    """So that cut and awk take it."""
    print_table(("ID", "ALIAS"), [("1", "a\tb"), ("2", None)])
    assert capsys.readouterr().out == "1\ta b\n2\t-\n"


def test_a_moment_is_shown_to_the_minute() -> None:
    """In UTC, as the server has it."""
    assert moment("2026-01-31T12:34:56.789000+00:00") == "2026-01-31 12:34 UTC"
    assert moment(None) is None
