"""Checks of the clients' input.

Each failure names the argument, and a good value is kept as it is.
"""

import pytest
from beanie import PydanticObjectId

from graphql_api import inputs
from graphql_api.errors import BadUserInputError

LONE_SURROGATE = "\ud800"
RULE = "metadata must be a map of strings to strings."


@pytest.mark.parametrize("given", ["5f2b6c9e1c9d440000a1b2c3", "5F2B6C9E1C9D440000A1B2C3"])
def test_an_id_is_24_hexadecimal_digits(given: str) -> None:
    """In either case of letters."""
    assert inputs.object_id(given, name="id") == PydanticObjectId(given.lower())


@pytest.mark.parametrize(
    "given",
    ["", " ", "x", "5f2b6c9e1c9d440000a1b2c", "5f2b6c9e1c9d440000a1b2c3 ", "a" * 12, "g" * 24, "é" * 24],
)
def test_anything_else_is_no_id(given: str) -> None:
    """Twelve letters are twelve bytes, but no id."""
    with pytest.raises(BadUserInputError) as refusal:
        inputs.object_id(given, name="finetuningId")
    assert refusal.value.message == "finetuningId must be an id of 24 hexadecimal digits."
    assert refusal.value.details == {"argument": "finetuningId"}


@pytest.mark.parametrize("given", ["a", " padded ", "x" * 5, "日本語", "$alias", "a\nb"])
def test_a_text_is_kept_as_it_is(given: str) -> None:
    """Nothing is trimmed or rewritten behind the client's back."""
    assert inputs.text(given, name="alias", longest=8) == given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "alias must not be empty."),
        (" \t\n", "alias must not be empty."),
        ("x" * 9, "alias must have at most 8 characters."),
        ("a\0b", "alias must not have a NUL character."),
        (LONE_SURROGATE, "alias must be valid Unicode, without lone surrogates."),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(given: str, message: str) -> None:
    """Blank, too long, with a character of no regular expression, or not encodable."""
    with pytest.raises(BadUserInputError) as refusal:
        inputs.text(given, name="alias", longest=8)
    assert (refusal.value.message, refusal.value.details) == (message, {"argument": "alias"})


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"a": ""},
        {"$set": "$x", "a.b": "\0"},
        {"k" * 64: "v" * 512},
        {str(number): "x" for number in range(16)},
    ],
)
def test_metadata_within_the_limits_is_kept_as_it_is(given: dict[str, str] | None) -> None:
    """16 pairs, keys of 64 and values of 512 characters are the most."""
    assert inputs.metadata(given) == given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], RULE),
        ("text", RULE),
        (1, RULE),
        ({1: "a"}, RULE),
        ({str(number): "x" for number in range(17)}, "metadata must have at most 16 pairs."),
        ({"a": 1}, "metadata: the value of 'a' must be a string."),
        ({"a": None}, "metadata: the value of 'a' must be a string."),
        ({"a": {"b": "c"}}, "metadata: the value of 'a' must be a string."),
        ({"a": "v" * 513}, "metadata: the value of 'a' must have at most 512 characters."),
        ({"": "v"}, "metadata: the key '' must have 1 to 64 characters and no NUL."),
        ({"a\0": "v"}, "metadata: the key 'a\\x00' must have 1 to 64 characters and no NUL."),
        ({"k" * 65: "v"}, f"metadata: the key '{'k' * 65}' must have 1 to 64 characters and no NUL."),
        ({LONE_SURROGATE: "v"}, "metadata must be valid Unicode, without lone surrogates."),
        ({"a": LONE_SURROGATE}, "metadata must be valid Unicode, without lone surrogates."),
    ],
)
def test_metadata_that_breaks_a_rule_is_refused(given: object, message: str) -> None:
    """The message names the key, and is itself fit to be sent."""
    with pytest.raises(BadUserInputError) as refusal:
        inputs.metadata(given)
    assert refusal.value.message == message
    assert refusal.value.message.encode()


def test_the_name_of_the_argument_is_told() -> None:
    """A golden record's metadata is not mistaken for the finetuning's."""
    with pytest.raises(BadUserInputError, match=r"^goldenRecords\[3\]\.metadata must be a map"):
        inputs.metadata(1, name="goldenRecords[3].metadata")
