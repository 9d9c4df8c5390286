"""Writes text and JSON as one line for every reader.

Some readers, Python for one, take three more characters for the end of a line. JSON allows them unescaped, so
no encoder escapes them. Escaped they mean the same.
"""

from typing import Any

import orjson

_LINE_ENDS = {
    "\u0085".encode(): rb"\u0085",
    "\u2028".encode(): rb"\u2028",
    "\u2029".encode(): rb"\u2029",
}
"""In UTF-8 these bytes mean nothing else, and in JSON they are always inside a string."""


def printable(text: str) -> str:
    """Return the text with a space for each character that steers a terminal or ends a line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def one_line(value: Any) -> bytes:
    """Return the value as JSON without any line end."""
    text = orjson.dumps(value)
    for raw, escaped in _LINE_ENDS.items():
        text = text.replace(raw, escaped)
    return text
