"""Finds the readable words in data from outside."""

from graphql_api.one_line import printable

_TELLING = ("message", "msg", "detail", "details", "description", "reason", "error", "innererror", "code")
"""The keys of a reason, the best first: errors have no common shape."""
_DEEPEST = 8
_MOST_REASONS = 3


def words_in(value: object, *, deepest: int = _DEEPEST) -> str:
    """Return the words of an error of any shape: a text, or the first text inside; may be empty."""
    if isinstance(value, str):
        return value.strip()
    if deepest == 0:
        return ""
    if isinstance(value, dict):
        inside = (value.get(key) for key in dict.fromkeys((*_TELLING, *value)))
        return next((words for one in inside if (words := words_in(one, deepest=deepest - 1))), "")
    if isinstance(value, list):
        each = (words_in(one, deepest=deepest - 1) for one in value[:_MOST_REASONS])
        return "; ".join(words for words in each if words)
    return ""


def legible(text: str, *, length: int) -> str:
    """Return ``text`` as one line of at most ``length`` printable characters."""
    # Cut first: a text of many megabytes is not worth reading.
    line = " ".join(printable(text[: 4 * length]).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
