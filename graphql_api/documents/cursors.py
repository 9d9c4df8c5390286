"""Cursors: opaque texts of one length, each the name of a list and a place in it."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum

PLACE_BYTES = 20
"""Every list writes its places in as many bytes."""


class Listing(StrEnum):
    """The lists that are read in pages, by their names in the schema; a cursor begins with the initial."""

    DB_CONNECTIONS = "dbConnections"
    EVENTS = "events"
    FINETUNINGS = "finetunings"
    GOLDEN_RECORDS = "goldenRecords"


_BY_INITIAL = {ord(listing[0]): listing for listing in Listing}


class BadCursorError(ValueError):
    """A text that is no cursor of the list that it was given to; the message goes on behind "after is"."""


def encoded(listing: Listing, place: bytes) -> str:
    """Return the cursor of this place."""
    return urlsafe_b64encode(listing[0].encode() + place).decode()


def decoded(cursor: str, *, of: Listing) -> bytes:
    """Return the place of the cursor; raises ``BadCursorError`` if it is not one of this list."""
    try:
        content = urlsafe_b64decode(cursor.encode())
    except (ValueError, binascii.Error) as malformed:
        raise BadCursorError("not a cursor of this list") from malformed
    listing = _BY_INITIAL.get(content[0]) if len(content) == 1 + PLACE_BYTES else None
    # Only the very text is one: decoding passes over what it does not know.
    if listing is None or encoded(listing, content[1:]) != cursor:
        raise BadCursorError("not a cursor of this list")
    if listing is not of:
        raise BadCursorError(f"a cursor of {listing}, not of {of}")
    return content[1:]
