"""What the streaming transports have to know about the results of an operation."""

import structlog
from graphql import GraphQLError
from strawberry.types import ExecutionResult

log = structlog.get_logger(__name__)


def ends_the_operation(result: ExecutionResult) -> bool:
    """Return whether the operation was refused or its source failed: no data, and no field to blame."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def masked(error: Exception, *, request_id: str) -> GraphQLError:
    """Return what a client is told of a failure that nobody expected, and log the rest."""
    log.error("unexpected error", request_id=request_id, exc_info=error)
    message = "Something went wrong on the server. It has been logged."
    extensions = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    return GraphQLError(message, extensions=extensions)
