"""JSON on one line for every reader: some take three more characters for the end of a line, as Python does.

They may stand in JSON as they are, so no encoder escapes them. Escaped they mean the same.
"""

from typing import Any

import orjson

_LINE_ENDS = {
    "\u0085".encode(): rb"\u0085",
    "\u2028".encode(): rb"\u2028",
    "\u2029".encode(): rb"\u2029",
}
"""In UTF-8 these bytes stand for nothing else, and in JSON they are always within a string."""


def one_line(value: Any) -> bytes:
    """Return the value as JSON in which no reader sees the end of a line."""
    text = orjson.dumps(value)
    for raw, escaped in _LINE_ENDS.items():
        text = text.replace(raw, escaped)
    return text
