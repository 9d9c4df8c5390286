"""Lines of a text, numbered as an editor does; memory holds one of them."""

import re
from collections.abc import Iterator
from typing import TextIO

LONGEST = 4_000_000
"""The most characters of one object: more than any golden record takes with all its characters escaped."""

MARK = "\ufeff"
PADDING = "\0\x1a"
"""What some disks and old programs put behind the end of a text: NUL, and the Ctrl-Z of DOS."""

BLANK = f" \t\r\n{MARK}{PADDING}"

NEAR = 20
"""How many characters a message quotes of a text."""

TOO_LONG = f"this is longer than {LONGEST:,} characters"

_NO_TEXT = re.compile("[\udc80-\udcff]")


def numbered(text: TextIO) -> Iterator[tuple[int, str]]:
    """Yield the lines with their ends; of one that is too long, no more than its beginning."""
    number, is_rest = 1, False
    while piece := text.readline(LONGEST + 1):
        is_whole = piece[-1] in "\r\n"
        if not is_rest:
            yield number, piece
        is_rest = not is_whole and (is_rest or bool(piece.strip(BLANK)))
        number += is_whole


def misread(text: str, *, encoding: str) -> str:
    """Return what is wrong with a text of which some bytes are not of its encoding; empty if none are."""
    found = None if text.isascii() else _NO_TEXT.search(text)
    if found is None:
        return ""
    byte = ord(found[0]) - 0xDC00
    return (
        f"this is not {encoding}: the byte 0x{byte:02X} after {text[: found.start()][-NEAR:]!r}; "
        "if it is Windows-1252, convert it first: iconv -f WINDOWS-1252 -t UTF-8"
    )
