"""GraphQL over WebSocket: admission, limits and callers."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from json import JSONDecodeError
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry import Schema
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UNSET

from graphql_api.access.errors import RateLimitedError, UnauthenticatedError
from graphql_api.access.gate import Gate, token_of
from graphql_api.caller import Caller
from graphql_api.errors import ExpectedError
from graphql_api.http.authentication import address_of, note_refused
from graphql_api.http.graphql.persisted import Documents, SentDocuments
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.http.graphql.transport_ws import Client, Handler
from graphql_api.http.origins import forbidden, is_foreign
from graphql_api.http.problems import problem
from graphql_api.http.request_ids import request_id_of
from graphql_api.metrics import Metrics
from graphql_api.store.database import StoreError
from graphql_api.turns import REQUEST_STEPS, LoopTurns

LARGEST_INIT_BYTES = 16_384
"""The largest message before the acknowledgement: a credential, and what a client's library adds."""
LONGEST_REASON_BYTES = 123
"""The room in a close frame beside its code (RFC 6455, 5.5)."""
CHARACTERS_A_STEP = 5_000
"""The characters of a message that are read in one step."""


class Adapter(ASGIWebSocketAdapter):
    """Closes with reasons of any length, and tolerates a client already gone.

    Each message waits for a turn of its caller's ``account``. A large message of a client that nobody knows
    yet closes the connection, and is not parsed.
    """

    account: str | None = None

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """Yield the client's messages; raises ``NonTextMessageReceived`` and ``NonJsonMessageReceived``."""
        with suppress(WebSocketDisconnect):
            while self.ws.application_state is not WebSocketState.DISCONNECTED:
                text = await self._text()
                if self.account is not None:
                    steps = REQUEST_STEPS + len(text) // CHARACTERS_A_STEP
                    await self.view.turns.turn(self.account, steps)  # type: ignore[attr-defined]  # our view
                elif len(text.encode()) > LARGEST_INIT_BYTES:
                    await self.close(4400, f"connection_init: at most {LARGEST_INIT_BYTES} bytes")
                    return
                yield self._decoded(text)

    async def _text(self) -> str:
        try:
            return await self.ws.receive_text()
        except KeyError as binary:
            raise NonTextMessageReceived from binary

    def _decoded(self, text: str) -> object:
        try:
            return self.view.decode_json(text)
        except JSONDecodeError as malformed:
            raise NonJsonMessageReceived from malformed

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message; raises ``WebSocketDisconnected`` if the socket is closed on either side."""
        try:
            await super().send_json(message)
        except RuntimeError as closed:
            raise WebSocketDisconnected from closed

    async def close(self, code: int, reason: str) -> None:
        """Close; does nothing after an earlier close, by this side or by the client."""
        with suppress(RuntimeError, WebSocketDisconnect):
            await super().close(code, reason.encode()[:LONGEST_REASON_BYTES].decode(errors="ignore"))


class WebSocketView(GraphQL[Client, None]):
    """Serves one schema; of other sites' pages, only those of ``origins`` may connect.

    ``gate`` makes the caller from connection_init's payload, or else from the header Authorization.
    ``context_for`` makes the resolvers' context of each operation from the connection's id and its caller.
    """

    graphql_transport_ws_handler_class = Handler
    websocket_adapter_class = Adapter

    def __init__(
        self,
        schema: Schema,
        *,
        gate: Gate,
        turns: LoopTurns,
        context_for: Callable[[str, Caller], Any],
        subscribers: Subscribers,
        origins: Sequence[str],
        init_s: float,
        most_operations: int,
        documents: Documents | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=init_s),
            max_subscriptions_per_connection=None,  # the handler counts, for an error with a code
            allowed_origins=("*",),  # checked before; that log line names our setting
        )
        self._origins = origins
        self._most_operations = most_operations
        self._documents = documents or SentDocuments()
        self._metrics = metrics or Metrics()
        self._gate = gate
        self.turns = turns
        self._context_for = context_for
        self._subscribers = subscribers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends."""
        websocket = WebSocket(scope, receive, send)
        if self._subscribers.are_too_many:
            full = problem(503, code="SERVICE_UNAVAILABLE", detail="Too many subscribers; try again later.")
            await websocket.send_denial_response(full)
            return
        if is_foreign(websocket.headers, named=self._origins):
            await websocket.send_denial_response(forbidden(websocket.headers))
            return
        with self._subscribers.one_more():
            await self.run(websocket)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Client:
        """Return the connection's client; each operation gets its own context."""
        return Client(
            request_id=request_id_of(request.scope),
            most_operations=self._most_operations,
            documents=self._documents,
            metrics=self._metrics,
            context_for=self._context_for,
            watch=self._gate.watch,
            scope=request.scope,
        )

    async def on_ws_connect(self, context: Client) -> Any:
        """Identify the caller."""
        try:
            token = token_of(_lowered(context.connection_params)) or token_of(Headers(scope=context.scope))
            context.caller = await self._gate.caller(token, address=address_of(context.scope))
        except (ExpectedError, StoreError) as refusal:
            if isinstance(refusal, UnauthenticatedError | RateLimitedError):
                note_refused(refusal, context.scope)
            raise ConnectionRejectionError from refusal
        return UNSET

    def decode_json(self, data: str | bytes) -> Any:
        """Read JSON, strictly."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        """Write JSON as text: clients do not read binary frames."""
        return orjson.dumps(data).decode()


def _lowered(payload: Mapping[str, object]) -> dict[str, str]:
    """Return the payload's texts as headers, which have no upper and lower case."""
    return {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
