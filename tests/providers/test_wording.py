"""The readable words in data of any shape."""

from typing import Any

import pytest

from graphql_api.providers.wording import legible, words_in


def nested(levels: int) -> dict[str, Any]:
    """Return a text inside so many objects."""
    value: Any = "deep"
    for _ in range(levels):
        value = {"error": value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (" plain \n", "plain"),
        ({"code": "bad", "message": "No tokens"}, "No tokens"),
        ({"other": "first", "code": "bad"}, "bad"),
        ({"message": "", "other": "left"}, "left"),
        (["a", {"msg": "b"}, 3, "not read"], "a; b"),
        ({}, ""),
        (17, ""),
        (None, ""),
        (nested(8), "deep"),
        (nested(9), ""),
    ],
)
def test_the_most_telling_text_is_found(value: object, words: str) -> None:
    """Known keys come first, a list gives three reasons, and eight levels are searched."""
    assert words_in(value) == words


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\n\ttwo\0 three", "one two three"),
        ("0123456789abcdefghij", "0123456789abcdefghij"),
        ("0123456789abcdefghijk", "0123456789abcdefghi…"),
        (" " * 80 + "beyond", ""),
        ("", ""),
    ],
)
def test_a_text_is_one_printable_line(text: str, line: str) -> None:
    """It is cut at its length, and nothing beyond four times its length is read."""
    assert legible(text, length=20) == line
