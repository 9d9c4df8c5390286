"""Cursors: opaque texts for a place in a list."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum

PLACE_BYTES = 20
"""The length of a place, the same for every list."""


class Listing(StrEnum):
    """The lists with pages, by their names in the schema; a cursor begins with the list's letter.

    A list in another order is another list: a place in one says nothing in the other.
    """

    API_KEYS = "apiKeys"
    AUDIT_LOG = "auditLog"
    DB_CONNECTIONS = "dbConnections"
    EVENTS = "events"
    FINETUNINGS = "finetunings"
    FINETUNINGS_BY_END = "finetunings by their end"
    GOLDEN_RECORDS = "goldenRecords"
    PROVIDER_ACCOUNTS = "providerAccounts"

    @property
    def letter(self) -> str:
        """The initial, if no other list has it."""
        return {Listing.AUDIT_LOG: "l", Listing.FINETUNINGS_BY_END: "b"}.get(self, self[0])


_BY_LETTER = {ord(listing.letter): listing for listing in Listing}


class BadCursorError(ValueError):
    """A text is not a cursor of the list in question; the message continues words such as "after is"."""


def encoded(listing: Listing, place: bytes) -> str:
    """Return the cursor of this place."""
    return urlsafe_b64encode(listing.letter.encode() + place).decode()


def decoded(cursor: str, *, of: Listing) -> bytes:
    """Return the place of the cursor; raises ``BadCursorError`` for anything but a cursor of this list."""
    try:
        content = urlsafe_b64decode(cursor.encode())
    except (ValueError, binascii.Error) as malformed:
        raise BadCursorError("not a cursor of this list") from malformed
    listing = _BY_LETTER.get(content[0]) if len(content) == 1 + PLACE_BYTES else None
    # Only the exact text is a cursor, but decoding ignores unknown characters.
    if listing is None or encoded(listing, content[1:]) != cursor:
        raise BadCursorError("not a cursor of this list")
    if listing is not of:
        raise BadCursorError(f"a cursor of {listing}, not of {of}")
    return content[1:]
