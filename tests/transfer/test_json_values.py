"""JSON objects on lines and in arrays."""

import json
from io import StringIO
from typing import Any

import pytest

from graphql_api.transfer.json_values import CHUNK, Decoder, is_complete, json_lines, json_values
from graphql_api.transfer.lines import LONGEST

MARK = "\ufeff"


def lines(text: str) -> list[tuple[str, Any]]:
    """Return the places, each with its object or its fault."""
    return [
        (str(one.place), one.content or one.fault) for one in json_lines(StringIO(text), encoding="UTF-8")
    ]


def values(text: str) -> list[tuple[str, Any]]:
    """Return the places, each with its object or its fault."""
    return [
        (str(one.place), one.content or one.fault) for one in json_values(StringIO(text), encoding="UTF-8")
    ]


def test_blank_lines_are_counted_but_not_read() -> None:
    """So that a number is an editor's line number; a line may end as on Windows."""
    assert lines('{"a": 1}\r\n\n  \n{"a": 2}') == [("line 1", {"a": 1}), ("line 4", {"a": 2})]


def test_files_put_together_have_marks_anywhere() -> None:
    """At the beginning of a line, or within it if the first file has no end of its last line."""
    text = f'{MARK}{{"a": 1}}\n{MARK}{{"a": 2}}{MARK}{{"a": 3}}{{"a": "{MARK}"}}\n{MARK}\n'
    assert lines(text) == [
        ("line 1", {"a": 1}),
        ("line 2", {"a": 2}),
        ("line 2", {"a": 3}),
        ("line 2", {"a": MARK}),
    ]
    assert [one for _, one in values(f'{MARK}[{{"a": 1}}]\n{MARK}[{{"a": 2}}]')] == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("padding", ["\x1a", "\n\x1a", "\0" * 99, "\r\n\0\0\r\n\x1a\r\n"])
def test_padding_behind_the_end_is_nothing(padding: str) -> None:
    """NUL comes from disks, and Ctrl-Z from DOS."""
    assert lines('{"a": 1}' + padding) == [("line 1", {"a": 1})]
    assert [one for _, one in values('[{"a": 1}]' + padding)] == [{"a": 1}]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "this is not JSON: expecting property name enclosed in double quotes (at the end)"),
        ('{"sql": NaN}', "this is not JSON: NaN is no number"),
        ('{"sql": 1} x', "this is not JSON: something follows the object (near 'x')"),
        ('{"a": 1, "b": {"a": 1}, "b": 2}', "an object has the key 'b' twice"),
        ('{"a": {"c": 1, "c": 1}}', "an object has the key 'c' twice"),
        ("[]", "this is not a JSON object"),
        ('"a"', "this is not a JSON object"),
        ('{"a": ' + "[" * 100_000, "this is nested too deeply"),
        ('{"a": ' + "1" * 5_000 + "}", "a number has too many digits"),
        ('{"a": "caf\udce9"}', 'this is not UTF-8: the byte 0xE9 after \'{"a": "caf\'; '),
    ],
)
def test_a_wrong_line_is_named_and_reading_goes_on(line: str, told: str) -> None:
    """Each line stands for itself."""
    (first, fault), second = lines(f'{line}\n{{"a": 1}}')
    assert (first, second) == ("line 1", ("line 2", {"a": 1}))
    assert fault.startswith(told)


def test_an_array_is_read_in_parts() -> None:
    """Objects may be on one line or on many, and longer than a part; a part may end anywhere in them."""
    objects = [{"a": n, "b": ["x" * (n % (2 * CHUNK)), {"c": '"]},{['}]} for n in range(1, 60 * 4_001, 4_001)]
    spread = json.dumps(objects, indent=2)
    assert [one for _, one in values(json.dumps(objects))] == objects
    assert [one for _, one in values(spread)] == objects
    assert [one for _, one in values("\n".join(json.dumps(one, indent=1) for one in objects))] == objects
    assert values("[]") == values(" [ ] ") == values("[]\n[]") == []


def test_the_place_in_an_array_has_its_line() -> None:
    """As an editor shows it."""
    text = '[\n  {"a": 1},\n  1, {\n "a": 2, "a": 2}\n,{"a": 3}]'
    assert values(text) == [
        ("record 1 (line 2)", {"a": 1}),
        ("record 2 (line 3)", "this is not a JSON object"),
        ("record 3 (line 3)", "an object has the key 'a' twice"),
        ("record 4 (line 5)", {"a": 3}),
    ]


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        ('[{"a": 1}', "record 2 (line 1)", "the file ends here, within the array"),
        ('[{"a": 1},', "record 2 (line 1)", "the file ends here, within the array"),
        ('[{"a": 1}\n{"a": 2}]', "record 2 (line 2)", "this is not JSON: ',' or ']' is missing (near '{')"),
        ('[{"a": 1},]', "record 2 (line 1)", "this is not JSON: expecting value (near ']')"),
        ('[{"a": 1}, {"b":\n x}]', "record 2 (line 2)", "this is not JSON: expecting value (near 'x}]')"),
        ('[{"a": 1}, {"b": "c', "record 2 (line 1)", "this is not JSON: unterminated string starting at "),
    ],
)
def test_a_malformed_array_is_one_fault(text: str, place: str, told: str) -> None:
    """Nothing after it could be told apart; the objects before it are read."""
    first, (where, fault) = values(text)
    assert (first[1], where) == ({"a": 1}, place)
    assert fault.startswith(told)


def test_memory_has_a_limit() -> None:
    """An object that never ends is not read to the end of the file."""
    text = StringIO('[{"a": "' + "x" * (5 * LONGEST))
    (one,) = json_values(text, encoding="UTF-8")
    assert one.fault == "this is longer than 4,000,000 characters"
    assert text.tell() < 3 * LONGEST
    assert lines('{"a": "' + "x" * LONGEST + '"}') == [("line 1", "this is longer than 4,000,000 characters")]


def test_a_whole_text_is_one_value() -> None:
    """With nothing after it."""
    decoder = Decoder()
    assert decoder.decode_all('{"a": 1} ') == ({"a": 1}, "")
    assert decoder.decode_all("{} {}") == ({}, "this is not JSON: something follows the object (near ' {}')")
    assert decoder.decode_all("{")[1].startswith("this is not JSON: expecting property name")
    assert decoder.decode_all('{"a": NaN}')[1] == "this is not JSON: NaN is no number"


def test_a_value_is_complete_or_not() -> None:
    """What follows does not matter."""
    assert [is_complete(text) for text in ('{"a": 1} x', "{", "[" * 100_000)] == [True, False, False]
