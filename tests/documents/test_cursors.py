"""Cursors are opaque, exact, and of one list."""

import pytest

from graphql_api.documents.cursors import PLACE_BYTES, BadCursorError, Listing, decoded, encoded

PLACE = bytes(range(PLACE_BYTES))
CURSOR = "ZgABAgMEBQYHCAkKCwwNDg8QERIT"


def test_a_place_comes_back() -> None:
    """The text is safe in a URL, and begins with the list's initial."""
    assert encoded(Listing.FINETUNINGS, PLACE) == CURSOR
    assert decoded(CURSOR, of=Listing.FINETUNINGS) == PLACE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "é",
        "=",
        CURSOR[:-4],
        CURSOR + "AAAA",
        f" {CURSOR}",
        f"{CURSOR}\n",
        encoded(Listing.FINETUNINGS, PLACE[1:]),
        "x" + CURSOR[1:],
    ],
)
def test_only_the_exact_text_is_a_cursor(text: str) -> None:
    """Nothing shorter, longer, of an unknown list, or with characters that decoding would ignore."""
    with pytest.raises(BadCursorError, match=r"^not a cursor of this list$"):
        decoded(text, of=Listing.FINETUNINGS)


def test_a_cursor_of_another_list_is_named() -> None:
    """Both lists are in the message, as in the schema."""
    with pytest.raises(BadCursorError, match=r"^a cursor of finetunings, not of goldenRecords$"):
        decoded(CURSOR, of=Listing.GOLDEN_RECORDS)
