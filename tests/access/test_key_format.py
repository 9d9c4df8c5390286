"""The text of an API key."""

import re

import pytest

from graphql_api.access.key_format import KEY_LENGTH, Key, MalformedKeyError

KEY = Key.of("0123456789abcdef01234567", "Secret" * 7 + "s")


def test_a_key_can_be_found_by_scanners() -> None:
    """It has a fixed prefix, its id, 256 bits in base 62 and six characters of checksum."""
    assert re.fullmatch(r"ftk_[0-9a-f]{24}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", KEY.text)
    assert len(KEY.text) == KEY_LENGTH == 78
    assert Key.parse(KEY.text) == KEY
    assert KEY.id == KEY.text[4:28]


def test_no_two_keys_are_alike() -> None:
    """Neither their ids nor their secrets."""
    keys = [Key.new() for _ in range(100)]
    assert len({key.id for key in keys}) == len({key.text[29:] for key in keys}) == 100


@pytest.mark.parametrize("place", range(4, KEY_LENGTH))
def test_a_typo_is_told_from_a_wrong_key(place: int) -> None:
    """One wrong character at any place breaks the checksum."""
    wrong = "a" if KEY.text[place] != "a" else "b"
    with pytest.raises(MalformedKeyError, match="not copied correctly"):
        Key.parse(KEY.text[:place] + wrong + KEY.text[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "ftk_", KEY.text[:-1], KEY.text + "a", "sk-" + KEY.text[3:], "ftk_" + "é" * 74]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """The error says what a key looks like, and repeats nothing."""
    with pytest.raises(MalformedKeyError) as refused:
        Key.parse(text)
    assert str(refused.value) == "An API key begins with ftk_ and has 78 characters."


def test_its_digest_depends_on_the_pepper() -> None:
    """Whoever has the database alone can try no key."""
    assert KEY.digest(b"one") != KEY.digest(b"two")
    assert len(KEY.digest(b"one")) == 32


def test_its_repr_shows_no_secret() -> None:
    """Logs and tracebacks show reprs."""
    assert repr(KEY) == "Key()"
