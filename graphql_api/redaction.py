"""Hides secrets in texts for others, also secrets shown in part."""

import re
from collections.abc import Iterator

HIDDEN = "[hidden]"
RUN = 6
"""The characters in a row that count as a part of a secret: providers repeat keys in part."""


class Redaction:
    """Hides every run of six characters of these secrets; a shorter secret as a whole."""

    def __init__(self, *secrets: str) -> None:
        runs = {run for secret in secrets for run in _runs_of(secret)}
        either = "|".join(re.escape(run) for run in sorted(runs, key=len))
        # A lookahead finds each start, also one inside the run before; without a secret it finds none.
        self._start_of_run = re.compile(f"(?=({either}))" if runs else "(?!)")

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
        for run in self._start_of_run.finditer(text):
            start, stop = run.span(1)
            if start > end >= 0:
                yield begun, end
            begun = begun if start <= end else start
            end = max(end, stop)
        if end >= 0:
            yield begun, end


def _runs_of(secret: str) -> Iterator[str]:
    if 0 < len(secret) < RUN:
        yield secret
    for start in range(len(secret) - RUN + 1):
        yield secret[start : start + RUN]
