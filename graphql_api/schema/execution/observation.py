"""Metrics and log context of operations.

They hold the operation's name and its error codes, never its text.
"""

from asyncio import CancelledError
from collections.abc import Iterator
from time import perf_counter

from strawberry.extensions import SchemaExtension
from strawberry.types import StreamExecutionResult
from strawberry.types.graphql import OperationType
from structlog.contextvars import bind_contextvars, unbind_contextvars

from graphql_api.metrics import Metrics
from graphql_api.store.guard import begin_request


class Observation(SchemaExtension):
    """Counts one operation; it encloses ``ErrorCodes``, so it sees the codes."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._label = metrics.operation_names.label(None)
        self._ran = False
        self._streamed = False

    def on_operation(self) -> Iterator[None]:
        """Count it at its end; the length of a subscription is no measure of speed."""
        began = perf_counter()
        begin_request()
        try:
            yield
        except (CancelledError, GeneratorExit):  # its client has left
            self._count(perf_counter() - began)
            raise
        finally:
            unbind_contextvars("operation")
        self._count(perf_counter() - began)
        if not self._streamed:
            self._count_errors(self.execution_context.result)

    def _count(self, seconds: float) -> None:
        self._metrics.operations.labels(self._label).inc()
        if self._ran and self.execution_context.operation_type is not OperationType.SUBSCRIPTION:
            self._metrics.operation_seconds.labels(self._label).observe(seconds)

    def on_execute(self) -> Iterator[None]:
        """Add the operation's name to all later log lines; only a valid document's name counts."""
        self._ran = True
        self._label = self._metrics.operation_names.label(self.execution_context.operation_name)
        bind_contextvars(operation=self._label)
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Count the errors of one result of a stream; the transport may take no other."""
        self._streamed = True
        try:
            yield
        finally:
            self._count_errors(result)

    def _count_errors(self, result: object) -> None:
        for error in getattr(result, "errors", None) or ():
            self._metrics.graphql_errors.labels(str((error.extensions or {}).get("code"))).inc()
