"""The protocol graphql-transport-ws, on top of Strawberry's handler.

The close codes are those of the protocol's reference implementation.
"""

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import structlog
from graphql import GraphQLError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)
from strawberry.types import ExecutionResult
from strawberry.utils.aio import aclosing

from graphql_api.access.endings import Watch
from graphql_api.caller import Caller
from graphql_api.document_errors import (
    TooManyOperationsError,
)
from graphql_api.errors import (
    INTERNAL,
    MASKED,
    ExpectedError,
)
from graphql_api.http.graphql.persisted import Documents
from graphql_api.http.graphql.request import GraphQLRequest, parameters_of
from graphql_api.http.graphql.response import Result
from graphql_api.metrics import Metrics

log = structlog.get_logger(__name__)

RESULT_STEPS = 15
"""The encoding and sending of one result."""

_Object = dict[str, Any] | None
_Id = Annotated[str, Field(min_length=1)]


class _Signal(BaseModel):
    type: Literal["connection_init", "ping", "pong"]
    payload: _Object = None


class _Operation(GraphQLRequest):
    """The protocol's parameters; a bad document name ends its operation, not the connection."""

    query: str
    document_id: Any = Field(None, alias="documentId")


class _Subscribe(BaseModel):
    type: Literal["subscribe"]
    id: _Id
    payload: _Operation


class _Complete(BaseModel):
    type: Literal["complete"]
    id: _Id


_MESSAGE: TypeAdapter[_Signal | _Subscribe | _Complete] = TypeAdapter(
    Annotated[_Signal | _Subscribe | _Complete, Field(discriminator="type")]
)


@dataclass(slots=True, kw_only=True)
class Client:
    """One client: its id in the log, its limits, and its caller after ``connection_init``."""

    request_id: str
    most_operations: int
    documents: Documents
    metrics: Metrics
    context_for: Callable[[str, Caller], Any]
    watch: Watch
    scope: MutableMapping[str, Any]
    connection_params: Mapping[str, object] = field(default_factory=dict)
    caller: Caller | None = None
    workload: Any = None

    def new_context(self) -> Any:
        """Return the resolvers' context of one more operation; all share one workload."""
        assert self.caller is not None  # noqa: S101 - no operation begins before the acknowledgement
        context = self.context_for(self.request_id, self.caller)
        context.workload = self.workload = self.workload or context.workload
        return context


class Handler(BaseGraphQLTransportWSHandler[Client, None]):
    """Speaks the protocol on one connection."""

    async def handle(self) -> None:
        """Serve the client to the end of the connection."""
        try:
            await super().handle()
        except Exception:  # the edge: without a close code the client sees 1006 and connects again
            log.exception("unexpected error", request_id=self.context.request_id)
            await self.websocket.close(4500, "Internal server error")

    _ending: asyncio.Task[None] | None = None

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Acknowledge the connection, and close it when the caller's credential ends.

        The payload serves for this alone, so nothing of it is kept.
        """
        await super().handle_connection_init(message)
        self.context.connection_params = {}
        if self.context.caller is not None and self._ending is None:
            self.websocket.account = self.context.caller.account  # type: ignore[attr-defined]  # our Adapter's
            self._ending = asyncio.create_task(self._close_at_the_end(self.context.caller))

    async def _close_at_the_end(self, caller: Caller) -> None:
        with self.context.watch(caller) as ended:
            await ended.wait()
        await self.websocket.close(4403, "Forbidden")  # clients connect again, with a fresh credential

    async def shutdown(self) -> None:
        """End what belongs to the connection."""
        if self._ending is not None:
            self._ending.cancel()
        await super().shutdown()

    async def handle_message(self, message: Message) -> None:
        """Act on a message; a malformed one ends the connection."""
        if reason := malformation(message):
            await self.handle_invalid_message(reason)
        else:
            # Every valid type has a method of its name; a null payload counts as absent.
            handle = getattr(self, f"handle_{message['type']}")
            await handle({**message, "payload": message.get("payload") or {}})

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation; a refusal ends it alone, a breach of the protocol ends the connection."""
        if self.connection_acknowledged and message["id"] not in self.operations:
            try:
                query = self._document(message)
            except ExpectedError as refused:
                await self._refuse(message["id"], refused)
                return
            message = {**message, "payload": {**message["payload"], "query": query}}
        await super().handle_subscribe(message)

    def _document(self, message: SubscribeMessage) -> str:
        """Return the document to run; raises ``ExpectedError``."""
        if len(self.operations) >= self.context.most_operations:
            raise TooManyOperationsError(self.context.most_operations)
        return self.context.documents.text(parameters_of(message["payload"]))

    async def _refuse(self, key: str, refused: ExpectedError) -> None:
        self.context.metrics.graphql_errors.labels(refused.code).inc()
        error = GraphQLError(refused.message, extensions=refused.extensions)
        await self.send_message({"type": "error", "id": key, "payload": [error.formatted]})

    async def run_operation(self, operation: Operation[Client, None]) -> None:
        """Send all results of an operation; an error ends this operation alone."""
        with suppress(WebSocketDisconnected):
            try:
                await self._send_results(operation)
            except WebSocketDisconnected:
                raise
            except Exception:  # the edge: without an answer the client waits for ever
                log.exception("unexpected error", request_id=self.context.request_id)
                await operation.send_initial_errors([self._masked()])

    async def _send_results(self, operation: Operation[Client, None]) -> None:
        context = self.context.new_context()
        results = await self.schema.stream(
            operation.query,
            variable_values=operation.variables,
            operation_name=operation.operation_name or None,  # empty for no choice, as over HTTP
            context_value=context,
        )
        async with aclosing(results):
            async for result in results:
                assert isinstance(result, ExecutionResult)  # noqa: S101 - nothing is delivered in increments
                if not Result.of(result).ran:
                    await operation.send_initial_errors(result.errors or [])
                    return
                await context.turns.turn(context.caller.account, RESULT_STEPS)
                await operation.send_next(result)
        await operation.send_operation_message({"type": "complete", "id": operation.id})

    def _masked(self) -> GraphQLError:
        return GraphQLError(MASKED, extensions={"code": INTERNAL, "requestId": self.context.request_id})


def malformation(message: object) -> str | None:
    """Return the client message's breach of the protocol, or ``None``."""
    try:
        _MESSAGE.validate_python(message, strict=True)
    except ValidationError as invalid:
        first = invalid.errors(include_input=False, include_url=False, include_context=False)[0]
        return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
    return None
