"""GraphQL errors as clients get them: each with a code, the unexpected ones masked and logged once."""

from collections.abc import Iterator

import structlog
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult, PreExecutionError, StreamExecutionResult

from graphql_api.documents import is_unavailable
from graphql_api.errors import BadUserInputError, ExpectedError, StoreUnavailableError
from graphql_api.schema.context import Context

log = structlog.get_logger(__name__)

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
INTERNAL = "INTERNAL_SERVER_ERROR"
BAD_INPUT = BadUserInputError.code


class ErrorCodes(SchemaExtension):
    """Gives every error of an operation its code, and hides what clients have no use for."""

    _is_streamed = False

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Rewrite the errors of one result of a stream; Strawberry hands them out before it is done."""
        self._is_streamed = True
        if isinstance(result, ExecutionResult) and result.errors:
            result.errors = [self._told_in_stream(error, result) for error in result.errors]
        yield

    def on_operation(self) -> Iterator[None]:
        """Rewrite the errors once the operation is done."""
        try:
            yield
        except (
            GraphQLSyntaxError
        ) as error:  # the parser cache parses in a hook, so it raises and answers nothing
            raise _with_code(error, PARSE_FAILED) from None
        result = None if self._is_streamed else self.execution_context.result
        if isinstance(result, PreExecutionError):
            result.errors = [_with_code(error, VALIDATION_FAILED) for error in result.errors or ()]
        elif isinstance(result, GraphQLExecutionResult) and result.errors:
            result.errors = [self._told(error) for error in result.errors]

    def _told_in_stream(self, error: GraphQLError, result: ExecutionResult) -> GraphQLError:
        is_invalid = isinstance(result, PreExecutionError) and not error.path and not error.original_error
        return _with_code(error, VALIDATION_FAILED) if is_invalid else self._told(error)

    def _told(self, error: GraphQLError) -> GraphQLError:
        cause = error.original_error
        if cause is None or isinstance(cause, GraphQLError):
            return _with_code(error, BAD_INPUT)
        if is_unavailable(cause):
            cause = StoreUnavailableError()
        if isinstance(cause, ExpectedError):
            return _with_code(error, cause.code, message=cause.message, **cause.details)
        return self._masked(error, cause)

    def _masked(self, error: GraphQLError, cause: BaseException) -> GraphQLError:
        context: Context = self.execution_context.context
        log.error("unexpected error", request_id=context.request_id, path=error.path, exc_info=cause)
        message = "Something went wrong on the server. It has been logged."
        return _with_code(error, INTERNAL, message=message, requestId=context.request_id)


def _with_code(
    error: GraphQLError, code: str, *, message: str | None = None, **details: object
) -> GraphQLError:
    return GraphQLError(
        message or error.message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={**(error.extensions or {}), **details, "code": code},
    )
