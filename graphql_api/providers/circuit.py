"""Holds back calls to an account's provider as long as that does not answer.

Else each of many due finetunings would wait for a call's time limit, and those of other accounts behind it.
"""

from collections.abc import Callable
from time import monotonic

from graphql_api.providers.port import NotSentError

SILENT_CALLS = 5
"""After so many calls in a row without an answer, the calls are held back."""
PAUSE_S = 2.0
"""After each further call without an answer, the next one waits this long."""


class Ticket:
    """One admitted call."""


class Circuit:
    """Counts the calls without an answer; any answer, also a refusal, ends the count.

    While calls are held back, one at a time tries whether the provider answers again.
    """

    def __init__(self, *, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._silent = 0
        self._retry_at = 0.0
        self._trial: Ticket | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self._silent >= SILENT_CALLS

    def admit(self, *, may_try: bool = True) -> Ticket:
        """Let a call pass; raises ``NotSentError`` for one that is held back.

        A long call may not be the one that tries: the others would wait for its end.
        """
        ticket = Ticket()
        if self.is_open:
            if not may_try or self._trial is not None or self._now() < self._retry_at:
                raise NotSentError(f"The provider has not answered the last {self._silent} calls")
            self._trial = ticket
        return ticket

    def note(self, ticket: Ticket, *, answered: bool | None) -> None:
        """Note the end of a call; ``None`` if it says nothing about the provider.

        So does one that was broken off by its caller, and one that this side could not send.
        """
        is_trial = ticket is self._trial
        if is_trial:
            self._trial = None
        if answered is not None:
            self._silent = 0 if answered else self._silent + 1
        if is_trial or answered is not None:
            self._retry_at = self._now() + PAUSE_S
