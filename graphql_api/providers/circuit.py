"""Keeps calls from an account's provider as long as that does not answer.

Else each of many due finetunings would wait for a call's time limit, and those of other accounts behind it.
"""

from collections.abc import Callable
from time import monotonic

from graphql_api.providers.port import NotSentError

SILENT_CALLS = 5
"""After so many calls in a row without an answer, the calls are kept."""
PAUSE_S = 2.0
"""After each further call without an answer, the next one waits this long."""


class Circuit:
    """Counts the calls without an answer; any answer, also a refusal, ends the count.

    While calls are kept, one at a time tries whether the provider answers again.
    """

    def __init__(self, *, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._silent = 0
        self._retry_at = 0.0
        self._is_tried = False

    @property
    def is_open(self) -> bool:
        """Whether calls are kept."""
        return self._silent >= SILENT_CALLS

    def admit(self) -> None:
        """Let a call pass; raises ``NotSentError`` for one that is kept."""
        if not self.is_open:
            return
        if self._is_tried or self._now() < self._retry_at:
            raise NotSentError(f"The provider has not answered the last {self._silent} calls")
        self._is_tried = True

    def note(self, *, answered: bool | None) -> None:
        """Note the end of a call; ``None`` for one that was broken off by its caller."""
        self._is_tried = False
        if answered is None:
            return
        self._silent = 0 if answered else self._silent + 1
        self._retry_at = self._now() + PAUSE_S
