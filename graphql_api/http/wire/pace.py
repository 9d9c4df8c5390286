"""The pace of pipelined requests."""

import asyncio
from collections.abc import Callable

EVERY_S = 0.005
"""The time for one: a few such requests at once hold nobody up."""


class Pace:
    """Begins one pipelined request every ``EVERY_S`` seconds, over all connections.

    A client that sends the next request before it reads the answer works at the server's own speed. Twenty of
    them would take all of it; clients that read first never wait here.
    """

    def __init__(self) -> None:
        self._last_s = 0.0

    def wait(self, begin: Callable[[], None], *, loop: asyncio.AbstractEventLoop) -> None:
        """Call ``begin`` in its turn."""
        self._last_s = max(loop.time(), self._last_s + EVERY_S)
        loop.call_at(self._last_s, begin)
