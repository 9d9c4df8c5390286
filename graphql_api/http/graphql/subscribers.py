"""The open connections of subscriptions: their limit and their end."""

from asyncio import Event
from collections.abc import Iterator
from contextlib import contextmanager


class Subscribers:
    """The WebSockets and event streams of this process; ``leaving`` is set when it stops.

    ``keep_alive_s`` is the longest silence of an event stream, in seconds.
    """

    def __init__(self, *, most: int, keep_alive_s: float) -> None:
        self.keep_alive_s = keep_alive_s
        self._most = most
        self._open = 0
        self.leaving = Event()

    @property
    def are_too_many(self) -> bool:
        """Whether to refuse one more."""
        return self._open >= self._most

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a connection as long as it is open."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
