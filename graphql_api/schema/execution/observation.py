"""What operations are counted and logged by: their names and the codes of their errors, never their text."""

from collections.abc import Iterator
from time import perf_counter

from strawberry.extensions import SchemaExtension
from strawberry.types import StreamExecutionResult
from strawberry.types.graphql import OperationType
from structlog.contextvars import bind_contextvars, unbind_contextvars

from graphql_api.metrics import Metrics


class Observation(SchemaExtension):
    """Counts one operation; it is round what gives the errors their codes."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._label = metrics.operation_names.label(None)
        self._ran = False
        self._streamed = False

    def on_operation(self) -> Iterator[None]:
        """Count it once it is done; how long somebody listened to a subscription is no measure."""
        began = perf_counter()
        try:
            yield
        finally:
            unbind_contextvars("operation")
        self._metrics.operations.labels(self._label).inc()
        if self._ran and self.execution_context.operation_type is not OperationType.SUBSCRIPTION:
            self._metrics.operation_seconds.labels(self._label).observe(perf_counter() - began)
        if not self._streamed:
            self._count_errors(self.execution_context.result)

    def on_execute(self) -> Iterator[None]:
        """Let all that is logged from now on say for what; a name counts once its document is valid."""
        self._ran = True
        self._label = self._metrics.operation_names.label(self.execution_context.operation_name)
        bind_contextvars(operation=self._label)
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Count the errors of one result of a stream; it may be the last that the transport takes."""
        self._streamed = True
        try:
            yield
        finally:
            self._count_errors(result)

    def _count_errors(self, result: object) -> None:
        for error in getattr(result, "errors", None) or ():
            self._metrics.graphql_errors.labels(str((error.extensions or {}).get("code"))).inc()
