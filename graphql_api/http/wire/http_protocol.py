"""Uvicorn's HTTP protocol with bounds on heads, bodies, pipelines and time."""

import asyncio
from functools import partial
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from graphql_api.http.request_ids import new_request_id
from graphql_api.http.wire import refusals
from graphql_api.http.wire.connections import HEALTH_PATHS, Place, Stage
from graphql_api.http.wire.deadline import Deadline
from graphql_api.http.wire.goodbye import Goodbye, tell_gone
from graphql_api.http.wire.measure import SLICE_BYTES, SMALL_BYTES, STEPS_AT_ONCE, Measure
from graphql_api.http.wire.outflow import Outflow
from graphql_api.http.wire.refusals import Refusal, RefusedError
from graphql_api.http.wire.server_config import wire_of


class HttpProtocol(HttpToolsProtocol):
    """One connection. It parses in slices, and parses no request before the one ahead is answered."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._wire = wire_of(config)
        self._place = Place.NONE
        self._goodbye: Goodbye | None = None
        self._answering: RequestResponseCycle | None = None
        self._measure = Measure()
        self._has_begun = self._is_in_message = self._is_in_head = False
        self._held = bytearray()
        self._is_scheduled = self._is_paused = self._is_deaf = self._waits_for_turn = False

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Find a place, and wait for the first head."""
        super().connection_made(transport)
        self._outflow = Outflow(transport, wire=self._wire, call_later=self.loop.call_later)
        self._deadline = Deadline(wire=self._wire, loop=self.loop, give_up=self._give_up)
        self._place = self._wire.connections.take_in(transport)
        if self._place is Place.NONE:
            self._wire.log.warning("a connection was dropped: too many are open, and all are busy")
            transport.abort()
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._wire.connections.leaves(self.transport)
        self._deadline.stop()
        self._outflow.goes_on()
        if self._goodbye is not None:
            self._goodbye.timer.cancel()
        self._wire.in_turn(partial(self._end, exc), client=self.client)  # hundreds may leave at once

    def _end(self, exc: Exception | None) -> None:
        if self._answering is not None:  # uvicorn tells only the last request of a pipeline
            tell_gone(self._answering)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin no further request before the client has taken the answers so far."""
        super().pause_writing()
        self._outflow.stops()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._outflow.goes_on()
        self._wire.connections.waits(self.transport, for_client=self._deadline.stage is not Stage.ANSWER)
        if not self._waits_for_turn:
            self._begin_next()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to its WebSocket, which has pings for slow readers."""
        self.transport.set_write_buffer_limits()
        self._deadline.stop()
        self._wire.connections.waits(self.transport, for_client=False)
        super().handle_websocket_upgrade()

    # Parsing

    def data_received(self, data: bytes) -> None:
        """Parse what may be parsed now, and hold the rest."""
        self._unset_keepalive_if_required()
        if self._goodbye is not None:
            self._goodbye.drop(data)
            return
        if self._is_deaf:
            return
        self._has_begun = True
        self._held += data
        if len(self._held) > SMALL_BYTES:
            self._hold_back()
        elif not self._is_scheduled:
            self._go_on()

    def _go_on(self) -> None:
        self._is_scheduled = False
        if self.transport.is_closing():
            self._held.clear()
            return
        turn_ends = self._measure.steps + STEPS_AT_ONCE
        while self._held and self._measure.steps < turn_ends and not (self._is_busy() or self._is_deaf):
            piece = bytes(self._held[:SLICE_BYTES])
            del self._held[:SLICE_BYTES]
            if not self._parse(piece):
                self._held.clear()
                return
        self._hold_back()
        self._watch()

    def _is_busy(self) -> bool:
        """Return whether a whole request has no whole answer yet."""
        one = self._answering
        return bool(self.pipeline) or (one is not None and not one.response_complete and not one.more_body)

    def _parse(self, piece: bytes) -> bool:
        """Parse bytes; returns false if the connection is another protocol's or at its end."""
        before = self._measure.steps
        try:
            self.parser.feed_data(piece)
            self._measure.parsed(len(piece), steps_before=before)
        except httptools.HttpParserUpgrade:
            return self._upgrade()
        except RefusedError as refused:
            self._refuse(refused.refusal)
        except httptools.HttpParserError as wrong:
            cause = wrong.__context__  # what a call of the parser raised
            self._refuse(cause.refusal if isinstance(cause, RefusedError) else refusals.MALFORMED)
        else:
            return True
        return False

    def _upgrade(self) -> bool:
        if not self._should_upgrade():
            self._wire.log.warning("a request asked for an unknown upgrade, and was served without")
            return True
        if self._is_busy():
            self._refuse(refusals.MALFORMED)
        else:
            self.handle_websocket_upgrade()
        return False

    def _hold_back(self) -> None:
        """Stop reading as long as anything is held."""
        if self._held:
            self._is_paused = True
            self.flow.pause_reading()
            if not self._is_busy():
                self._schedule()
            elif len(self._held) > refusals.AHEAD_BYTES:
                self._refuse(refusals.TOO_MUCH_AHEAD)
        elif self._is_paused:
            self._is_paused = False
            if self._answering is None or len(self.cycle.body) <= HIGH_WATER_LIMIT:  # else its reader resumes
                self.flow.resume_reading()

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            if len(self._held) > SMALL_BYTES:
                self._wire.in_turn(self._go_on, client=self.client)
            else:
                self.loop.call_soon(self._go_on)

    # The parser's calls

    def on_message_begin(self) -> None:
        """Begin to measure."""
        super().on_message_begin()
        self._is_in_head = self._is_in_message = True
        self._measure.begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL; raises ``RefusedError``."""
        self._measure.url(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or drop one behind the body; raises ``RefusedError``."""
        self._measure.header(name, value)
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the request; raises ``RefusedError`` if only health checks have a place."""
        self._is_in_head = False
        path = self.url.partition(b"?")[0]
        if self._place is Place.HEALTH_CHECKS and path not in HEALTH_PATHS:
            raise RefusedError(refusals.TOO_MANY_CONNECTIONS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; raises ``RefusedError``."""
        self._measure.piece()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._is_in_message = False
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self.flow.write_paused or self._waits_for_turn:
            self.pipeline.append((cycle, app))
            return
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _begin_next(self) -> None:
        """Begin the request behind the answered one, if the client has taken the answer."""
        self._waits_for_turn = False
        one = self._answering
        if self.pipeline and one and one.response_complete and not self.transport.is_closing():
            self._start_asgi_task(*self.pipeline.pop())
        if self._held:
            self._schedule()

    def on_response_complete(self) -> None:
        """Go on with the next request; what the application has not read of this one is dropped."""
        if self._answering is not None:
            self._answering.body = bytearray()
        self._waits_for_turn = bool(self.pipeline or self._held)
        super().on_response_complete()
        if self._waits_for_turn and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._wire.pipelines.wait(self._begin_next, loop=self.loop)
        self._watch()

    # Deadlines

    def _watch(self) -> None:
        """Note what the connection waits for; its client has a deadline for it."""
        stage = self._current_stage()
        if self._deadline.is_for(stage):
            return
        self._wire.connections.waits(self.transport, for_client=stage is not Stage.ANSWER)
        if not (self._is_deaf or self.transport.is_closing()):
            self._deadline.begin(stage)

    def _current_stage(self) -> Stage:
        if self._is_busy():
            return Stage.ANSWER
        if self._is_in_message:
            return Stage.HEAD if self._is_in_head else Stage.BODY
        return Stage.HEAD if self._measure.silent_bytes or self._answering is None else Stage.NOTHING

    def _give_up(self) -> None:
        if not self._has_begun:
            self.transport.close()  # it asked for nothing, so it expects no answer
        else:
            is_body = self._deadline.stage is Stage.BODY
            self._refuse(refusals.BODY_TOO_LATE if is_body else refusals.HEAD_TOO_LATE)

    # Refusals

    def _refuse(self, refusal: Refusal) -> None:
        """End the connection: at once with an answer, or else after the answer under way."""
        request_id = new_request_id()
        self._wire.tell(refusal, client=self.client, request_id=request_id)
        self._deadline.stop()
        self._held.clear()
        self._is_deaf = True
        one = self._answering
        if one is not None and self._is_busy():
            self.pipeline.clear()
            one.keep_alive = False
            if one.response_complete:
                self.transport.close()
        elif one is not None and one is self.cycle and self._is_in_message and not self._is_in_head:
            self._refuse_body(one, refusal, request_id=request_id)
        else:
            self._answer(refusal, request_id=request_id)

    def _refuse_body(self, one: RequestResponseCycle, refusal: Refusal, *, request_id: str) -> None:
        """Refuse a request that the application already reads."""
        if one.response_complete:  # it was refused before, and the client sends on
            self._goodbye = Goodbye(self.transport, self.loop)
        elif one.response_started:
            self.transport.abort()
        else:
            tell_gone(one)
            self._answer(refusal, request_id=request_id)

    def _answer(self, refusal: Refusal, *, request_id: str) -> None:
        headers = self.server_state.default_headers
        self.transport.write(refusal.answer(request_id=request_id, default_headers=headers))
        self._goodbye = Goodbye(self.transport, self.loop)
