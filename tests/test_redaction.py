"""Secrets are hidden, whole and in part."""

import sys

import pytest

from graphql_api.redaction import HIDDEN, Redaction

KEY = "Zq7-pLm4_tRv9"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (KEY, HIDDEN),
        (f"got {KEY}, twice {KEY}{KEY}.", f"got {HIDDEN}, twice {HIDDEN}."),
        (f"{KEY[:6]}…{KEY[-6:]}", f"{HIDDEN}…{HIDDEN}"),
        (f"x{KEY[3:9]}y", f"x{HIDDEN}y"),
        (KEY[:5] + "…" + KEY[-5:], KEY[:5] + "…" + KEY[-5:]),
        ("nothing of it", "nothing of it"),
        ("", ""),
    ],
)
def test_every_run_of_six_characters_is_hidden(text: str, shown: str) -> None:
    """At any place, as often as it comes; the rest of the text stays, and so do five characters."""
    assert Redaction(KEY)(text) == shown


@pytest.mark.parametrize("length", range(6, len(KEY) + 1))
def test_no_run_is_missed(length: int) -> None:
    """Each part of the key, from six characters to all of them."""
    hide = Redaction(KEY)
    for start in range(len(KEY) - length + 1):
        assert hide(f"<{KEY[start : start + length]}>") == f"<{HIDDEN}>"


def test_several_secrets_are_hidden_at_once() -> None:
    """Parts that overlap become one."""
    assert Redaction(KEY, "secret-two", "")(f"a {KEY}secret-two b secret-") == f"a {HIDDEN} b {HIDDEN}"


def test_a_short_secret_is_hidden_as_a_whole() -> None:
    """A run of six is longer than it."""
    assert Redaction("k-1")("the k-1 of k-") == f"the {HIDDEN} of k-"


def test_without_a_secret_nothing_is_hidden() -> None:
    """Not even the empty text."""
    assert Redaction()("text") == Redaction("")("text") == "text"


def test_what_is_hidden_does_not_depend_on_signs() -> None:
    """A secret may have characters with a meaning for a search, and line ends."""
    assert Redaction("a.c*(e]\n+")("a.c*(e]\n+ abc*(e aaa.c*(e]") == f"{HIDDEN} abc*(e aa{HIDDEN}"


def test_parts_become_one_only_where_they_touch() -> None:
    """One character between two of them stays."""
    part = KEY[3:9]
    assert Redaction(KEY)(f"{part}{part} {part}") == f"{HIDDEN} {HIDDEN}"


def test_a_long_text_is_searched_in_compiled_code() -> None:
    """No step of Python is taken for a character: a stranger's text may have millions."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        Redaction(KEY)("Step 1 of 10 " * 10_000)
    finally:
        sys.setprofile(None)
    assert steps < 1000
