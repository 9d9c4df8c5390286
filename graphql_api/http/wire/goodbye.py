"""The end of a connection after a refusal."""

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LINGER_S = 1.0
"""How long a refused client has to read the answer."""
LINGER_BYTES = 1_000_000
"""How much it may still send meanwhile."""


class Goodbye:
    """Closes a connection so that its client can read the last answer.

    A socket that is closed with bytes unread resets the connection, and the answer is lost. So the client's
    bytes are read and dropped for a moment.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._dropped_bytes = 0
        self.timer = loop.call_later(LINGER_S, transport.abort)
        if transport.can_write_eof() and not transport.is_closing():
            transport.write_eof()
            transport.resume_reading()

    def drop(self, data: bytes) -> None:
        """Drop what the client sends; too much of it ends the connection at once."""
        self._dropped_bytes += len(data)
        if self._dropped_bytes > LINGER_BYTES:
            self._transport.abort()


def tell_gone(request: RequestResponseCycle) -> None:
    """Tell the request's application that its client is gone."""
    if not request.response_complete:
        request.disconnected = True
        request.message_event.set()
