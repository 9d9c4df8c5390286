"""JSON on one line for every reader.

Some readers know more ends of a line than a line feed.
"""

import json

import pytest

from graphql_api.one_line import one_line, printable

ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""All that ``str.splitlines`` takes for the end of a line."""


@pytest.mark.parametrize("text", [ENDS, *ENDS, "日本 \u2027\u202a \U0001f600", "\\u2028", "Â…", ""])
def test_no_reader_sees_the_end_of_a_line(text: str) -> None:
    """In keys and values alike, and reading gives the written text."""
    value = {text: [text, {"a": text}]}
    line = one_line(value)
    assert json.loads(line) == value
    assert len(line.decode().splitlines()) == 1


def test_all_else_is_written_as_it_is() -> None:
    """Everything but an end of a line needs no more room than before."""
    assert one_line({"a": "é日本"}) == '{"a":"é日本"}'.encode()
    assert one_line("\u0085\u2028\u2029") == rb'"\u0085\u2028\u2029"'


@pytest.mark.parametrize("text", [ENDS, "a\x1b[2Jb", "\x00\x07\x9b"])
def test_a_printable_text_steers_nothing(text: str) -> None:
    """Each character that is not printable is a space; all else stays."""
    shown = printable(f"é {text} 日本")
    assert shown.isprintable()
    assert len(shown) == len(text) + 5
    assert (shown[:2], shown[-2:]) == ("é ", "日本")
