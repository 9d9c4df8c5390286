"""The lines of a file.

A line is a golden record, or gets a message.
"""

from typing import Any

import orjson
import pytest

from graphql_api.transfer.jsonl import LineError, parsed, read, written

RIGHT = {"prompt_text": "Who?", "sql": "SELECT 1"}


@pytest.mark.parametrize(
    ("given", "metadata"),
    [
        (RIGHT, None),
        ({"promptText": "Who?", "sql": "SELECT 1"}, None),
        ({**RIGHT, "metadata": None}, None),
        ({**RIGHT, "metadata": {}}, {}),
        ({**RIGHT, "metadata": {"a": "b"}}, {"a": "b"}),
        (
            {**RIGHT, "db_name": "academic", "dialect": "postgres"},
            {"db_name": "academic", "dialect": "postgres"},
        ),
        ({**RIGHT, "db_name": "academic", "metadata": {"a": "b"}}, {"db_name": "academic", "a": "b"}),
        ({**RIGHT, "dialect": "mysql", "metadata": {"dialect": "mine"}}, {"dialect": "mine"}),
    ],
)
def test_a_line_may_use_either_names(given: dict[str, Any], metadata: object) -> None:
    """Ours in Python's or GraphQL's style, and those of public sets; these become metadata."""
    record = parsed(7, orjson.dumps(given)).record
    assert record == {"promptText": "Who?", "sql": "SELECT 1", "metadata": metadata}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "this is not JSON: unexpected end of data (column 2)"),
        (b'{"sql": NaN}', "this is not JSON: unexpected character, expected a JSON value (column 9)"),
        (b"[]", "this is not a JSON object"),
        (b'"a"', "this is not a JSON object"),
        ({"sql": "SELECT 1"}, "prompt_text is missing"),
        ({"promptText": "a"}, "sql is missing"),
        (
            {**RIGHT, "promptText": "b"},
            "prompt_text and promptText are the same field",
        ),
        (
            {"question": "a", "sql": "b"},
            (
                "there is no field 'question'; the fields are "
                "prompt_text, promptText, sql, metadata, db_name, dialect"
            ),
        ),
        ({**RIGHT, "sql": " "}, "sql must not be empty."),
        ({**RIGHT, "sql": 1}, "sql must be a string."),
        ({**RIGHT, "prompt_text": "x" * 100_001}, "promptText must have at most 100000 characters."),
        ({**RIGHT, "metadata": []}, "metadata must be a map of strings to strings."),
        ({**RIGHT, "metadata": [], "db_name": "a"}, "metadata must be a map of strings to strings."),
        ({**RIGHT, "db_name": 1}, "metadata: the value of 'db_name' must be a string."),
    ],
    ids=str,
)
def test_a_line_that_is_none_is_named(line: Any, message: str) -> None:
    """By its number and by its fault."""
    text = line if isinstance(line, bytes) else orjson.dumps(line)
    with pytest.raises(LineError) as wrong:
        parsed(7, text)
    assert str(wrong.value) == f"line 7: {message}"
    assert wrong.value.number == 7


def test_blank_lines_are_counted_but_not_read() -> None:
    """So that a number is an editor's line number; nor does a byte order mark matter."""
    right = orjson.dumps(RIGHT)
    lines = read([b"\xef\xbb\xbf" + right + b"\r\n", b"\n", b"  \n", right])
    assert [line.number for line in lines] == [1, 4]


def test_a_byte_order_mark_is_only_one_at_the_beginning() -> None:
    """Elsewhere it is no JSON."""
    with pytest.raises(LineError, match="line 2: this is not JSON"):
        list(read([b"\n", b"\xef\xbb\xbf{}"]))


@pytest.mark.parametrize("metadata", [None, {}, {"a": "\n", "b": "\u2028"}])
def test_a_written_line_is_read_as_the_same(metadata: object) -> None:
    """On one line, for any content."""
    record = {"promptText": "Why\r\n?\u2028\u0085 日本", "sql": 'SELECT "\n"', "metadata": metadata}
    (line,) = written(record).splitlines(keepends=True)
    assert len(line.decode().splitlines()) == 1
    assert parsed(1, line).record == record
