"""Finds the words in what comes from outside, and makes them fit to be shown and stored."""

_TELLING = ("message", "msg", "detail", "details", "description", "reason", "error", "innererror", "code")
"""The keys under which a reason is looked for, the best first. Nobody agrees on one shape of errors."""
_DEEPEST = 8
_MOST_REASONS = 3


def words_in(value: object, *, deepest: int = _DEEPEST) -> str:
    """Return the words of an error of any shape: a text, or the first that it holds; there may be none."""
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
    """Return ``text`` on one line of at most ``length`` characters, all of them printable."""
    # Cut first: a text of many megabytes is not worth walking through.
    clean = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * length])
    line = " ".join(clean.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
