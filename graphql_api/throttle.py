"""Bounds how often one kind of event is told."""

import logging
import time
from collections.abc import Callable

import structlog

EVERY_S = 1.0
"""The time between two log lines of one kind."""
MOST_KINDS = 1_000
"""Kinds are constants of the code, so there are few; a kind with a client's text in it must not pile up."""


class Throttle:
    """Lets one event of a kind through in ``EVERY_S`` seconds, and counts the others."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last: dict[str, tuple[float, int]] = {}

    def count(self, kind: str) -> int | None:
        """Return the number of events held back since the last one; ``None`` holds back this one, too."""
        at_s, held_back = self._last.get(kind, (float("-inf"), 0))
        if self._now() - at_s < EVERY_S:
            self._last[kind] = (at_s, held_back + 1)
            return None
        if len(self._last) >= MOST_KINDS:
            self._last.clear()
        self._last[kind] = (self._now(), 0)
        return held_back

    def forget(self) -> None:
        """Let the next event of each kind through."""
        self._last.clear()


class ThrottledLog:
    """Warns at most once in ``EVERY_S`` seconds about each kind of event; ``others`` counts the rest."""

    def __init__(self, name: str, *, throttle: Throttle | None = None) -> None:
        self._log = structlog.get_logger(name)
        self.throttle = throttle or Throttle()

    def warning(self, event: str, *, kind: str = "", **details: object) -> None:
        """Warn about an event; events are of one kind if their texts and kinds are the same."""
        others = self.throttle.count(f"{event} {kind}")
        if others is not None:
            shown = {"kind": kind} if kind else {}
            self._log.warning(event, **shown, **details, others=others)


class ThrottledRecords(logging.Filter):
    """Does the same for the lines of a library; lines are of one kind if they begin with the same line."""

    def __init__(self) -> None:
        super().__init__()
        self._throttle = Throttle()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log the record."""
        first, *_ = str(record.msg).strip().partition("\n")
        return self._throttle.count(f"{record.name} {first}") is not None
