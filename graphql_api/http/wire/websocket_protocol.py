"""Uvicorn's WebSocket protocol with bounds on the handshake, fragments, pings and unread bytes."""

import asyncio
from typing import Any

from uvicorn._types import ASGIReceiveEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidMessage
from websockets.frames import CloseCode, Frame
from websockets.protocol import State

from graphql_api.http.request_ids import new_request_id
from graphql_api.http.wire import refusals
from graphql_api.http.wire.goodbye import Goodbye
from graphql_api.http.wire.measure import SMALL_BYTES
from graphql_api.http.wire.server_config import wire_of

SLICE_BYTES = 4_096
"""The most bytes parsed at once: some hundred of the smallest frames."""
BYTES_IN_TURN = 65_536
"""The most bytes parsed in one turn."""
MOST_FRAGMENTS = 1_000
"""The most fragments of one message."""
MOST_SIGNALS = 100
"""The most pings and pongs in one second."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket. It parses in slices, and only as fast as the application takes the messages."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._wire = wire_of(config)
        self._unread = self._wire.unread.share()
        self._goodbye: Goodbye | None = None
        self._held = bytearray()
        self._is_scheduled = False
        self._fragments = self._fragment_bytes = self._queued_bytes = 0
        self._signals, self._signals_since_s = 0, 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place and the budget back."""
        self._wire.connections.leaves(self.transport)
        self._unread.release()
        self._held.clear()
        if self._goodbye is not None:
            self._goodbye.timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what the application has time for, and hold the rest."""
        if self._goodbye is not None:
            self._goodbye.drop(data)
            return
        self._held += data
        if len(self._held) > SMALL_BYTES:
            self._go_on_later()
        elif not self._is_scheduled:
            self._go_on()

    def _go_on_later(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self.transport.pause_reading()
            self._wire.in_turn(self._go_on, client=self.client)

    def _go_on(self) -> None:
        self._is_scheduled = False
        left = len(self._held) - BYTES_IN_TURN
        while len(self._held) > max(0, left) and not self.read_paused and not self._is_over():
            piece = bytes(self._held[:SLICE_BYTES])
            del self._held[:SLICE_BYTES]
            super().data_received(piece)
            if not self.handshake_initiated and self.conn.handshake_exc is not None:
                self._refuse_handshake()
            elif breach := self._breach():
                self._end(*breach)
        if self._is_over():
            return
        if self._held and not self.read_paused:
            self._go_on_later()
        elif not self.read_paused:
            self.transport.resume_reading()
        waiting = len(self._held) + len(self.conn.reader.buffer)
        if not self._unread.fits(waiting + self._fragment_bytes + self._queued_bytes):
            self._end(CloseCode.TRY_AGAIN_LATER, "Too many messages arrive at once")

    def _is_over(self) -> bool:
        return self._goodbye is not None or self.disconnected

    def _breach(self) -> tuple[CloseCode, str] | None:
        if self._fragments > MOST_FRAGMENTS:
            return CloseCode.POLICY_VIOLATION, "A message has too many fragments"
        if self._signals > MOST_SIGNALS:
            return CloseCode.POLICY_VIOLATION, "Too many pings"
        return None

    def handle_text(self, event: Frame) -> None:
        """Begin a message, and count its fragments."""
        self._begin(event)
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """Begin a message, and count its fragments."""
        self._begin(event)
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """Count one more fragment."""
        self._fragments += 1
        self._fragment_bytes += len(event.data)
        super().handle_cont(event)

    def _begin(self, event: Frame) -> None:
        self._fragments, self._fragment_bytes = 1, len(event.data)

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message to the application, and read on after it was taken."""
        message, self.frames = b"".join(self.frames), []
        self._fragments = self._fragment_bytes = 0
        if self.close_sent:
            return
        if self.curr_msg_data_type == "text":
            try:  # uvicorn's own would log a traceback for each client
                self.queue.put_nowait({"type": "websocket.receive", "text": message.decode()})
            except UnicodeDecodeError:
                self._end(CloseCode.INVALID_DATA, "A message is not UTF-8")
                return
        else:
            self.queue.put_nowait({"type": "websocket.receive", "bytes": message})
        self._queued_bytes += len(message)
        self.read_paused = True
        self.transport.pause_reading()

    def handle_ping(self) -> None:
        """Count pings before they are answered."""
        self._count_signal()
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Count pongs."""
        self._count_signal()
        super().handle_pong(event)

    def _count_signal(self) -> None:
        if self.loop.time() - self._signals_since_s > 1:
            self._signals, self._signals_since_s = 0, self.loop.time()
        self._signals += 1

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next message, after others had their turn."""
        await asyncio.sleep(0)
        message = await self.queue.get()
        if self.queue.empty():
            self.read_paused, self._queued_bytes = False, 0
            self.loop.call_soon(self._go_on)
        return message

    # The end

    def handle_parser_exception(self) -> None:
        """Close the connection so that its client can read the reason."""
        sent = self.conn.close_sent
        assert sent is not None  # noqa: S101 - as uvicorn's own
        self.queue.put_nowait({"type": "websocket.disconnect", "code": sent.code, "reason": sent.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._say_goodbye()

    def _end(self, code: CloseCode, reason: str) -> None:
        if self._goodbye is None and not self.close_sent and self.conn.state is State.OPEN:
            client = None if self.client is None else self.client[0]
            self._wire.log.warning("a WebSocket was closed", kind=reason, client=client)
            self.conn.send_close(code, reason)
            self.handle_parser_exception()

    def _refuse_handshake(self) -> None:
        is_malformed = isinstance(self.conn.handshake_exc, InvalidMessage)
        refusal = refusals.MALFORMED if is_malformed else refusals.HANDSHAKE_LINE_TOO_LONG
        request_id = new_request_id()
        self._wire.tell(refusal, client=self.client, request_id=request_id)
        self.transport.write(refusal.answer(request_id=request_id, default_headers=self.default_headers))
        self.handshake_complete = self.close_sent = True
        self._say_goodbye()

    def _say_goodbye(self) -> None:
        self._held.clear()
        self._unread.release()
        self._goodbye = Goodbye(self.transport, self.loop)
        self.close_timer = self._goodbye.timer  # else the end of the application would close at once
