"""Hides secrets in texts for others, also secrets shown in part."""

from collections.abc import Iterator

HIDDEN = "[hidden]"
RUN = 6
"""The characters in a row that count as a part of a secret: providers repeat keys in part."""


class Redaction:
    """Hides every run of six characters of these secrets; a shorter secret as a whole."""

    def __init__(self, *secrets: str) -> None:
        self._runs = frozenset(run for secret in secrets for run in _runs_of(secret))
        self._lengths = sorted({len(run) for run in self._runs})

    def __call__(self, text: str) -> str:
        """Return the text with each found part replaced; parts that touch become one."""
        kept, end = list[str](), 0
        for start, stop in self._found(text):
            kept.append(text[end:start])
            kept.append(HIDDEN)
            end = stop
        return "".join(kept) + text[end:] if kept else text

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each found part, in their order."""
        begun, end = 0, -1
        for place in range(len(text)):
            length = next((one for one in self._lengths if text[place : place + one] in self._runs), 0)
            if not length:
                continue
            if place > end >= 0:
                yield begun, end
            begun = begun if place <= end else place
            end = max(end, place + length)
        if end >= 0:
            yield begun, end


def _runs_of(secret: str) -> Iterator[str]:
    if 0 < len(secret) < RUN:
        yield secret
    for start in range(len(secret) - RUN + 1):
        yield secret[start : start + RUN]
