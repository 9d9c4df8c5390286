"""The connections that subscriptions hold open: how many there may be, and when they have to end."""

from asyncio import Event
from collections.abc import Iterator
from contextlib import contextmanager


class Subscribers:
    """The WebSockets and event streams of this process; ``leaving`` is set when it stops.

    ``keep_alive_s`` is how long an event stream may be silent.
    """

    def __init__(self, *, most: int, keep_alive_s: float) -> None:
        self.keep_alive_s = keep_alive_s
        self._most = most
        self._open = 0
        self.leaving = Event()

    @property
    def are_too_many(self) -> bool:
        """Whether one more has to be refused."""
        return self._open >= self._most

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a connection for as long as it is open."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
