"""Makes text from outside fit to be shown and stored."""


def legible(text: str, *, length: int) -> str:
    """Return ``text`` on one line of at most ``length`` characters, all of them printable."""
    # Cut first: a text of many megabytes is not worth walking through.
    clean = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * length])
    line = " ".join(clean.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
