"""Ends the connection of a client that takes its answers too slowly."""

import asyncio
import fcntl
import sys
import termios
from collections.abc import Callable
from contextlib import suppress

from graphql_api.http.wire.server_config import Wire

LEAST_TAKEN_BYTES = 16_384
"""What a client takes at least in each period, or all that is left."""

Timers = Callable[[float, Callable[[], None]], asyncio.TimerHandle]


class Outflow:
    """What one connection's client has not taken yet.

    Without a deadline a client that reads a byte now and then keeps its answers in memory for ever. The
    system's own deadline, TCP_USER_TIMEOUT, is for those who read nothing.
    """

    def __init__(self, transport: asyncio.Transport, *, wire: Wire, call_later: Timers) -> None:
        transport.set_write_buffer_limits(high=0)  # a pause begins with the first byte left in our buffer
        self._transport = transport
        self._wire = wire
        self._call_later = call_later
        self._timer: asyncio.TimerHandle | None = None
        self._left_bytes = 0

    def stops(self) -> None:
        """Begin to measure: the system takes no more of the answers. A newcomer may have the place now."""
        self._wire.connections.waits(self._transport, for_client=True)
        self._left_bytes = self._not_taken()
        self._timer = self._call_later(self._wire.unread_s, self._look)

    def goes_on(self) -> None:
        """Stop measuring: the system has all of them."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        if self._left_bytes - self._not_taken() < LEAST_TAKEN_BYTES:
            self._wire.log.warning("a connection was dropped: its client takes the answer too slowly")
            self._transport.abort()
        else:
            self.stops()

    def _not_taken(self) -> int:
        """Return the bytes in our buffer and in the system's."""
        count = bytes(4)
        with suppress(OSError):  # not every system tells; then its buffer counts as taken
            count = fcntl.ioctl(self._transport.get_extra_info("socket"), termios.TIOCOUTQ, count)
        return self._transport.get_write_buffer_size() + int.from_bytes(count, sys.byteorder)
