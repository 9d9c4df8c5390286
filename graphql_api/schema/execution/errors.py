"""GraphQL errors for clients: coded, masked and logged once."""

import re
from collections.abc import Iterator, Mapping

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import StreamExecutionResult

from graphql_api.document_errors import (
    OperationUnresolvedError,
)
from graphql_api.errors import (
    INTERNAL,
    MASKED,
    METHOD_NOT_ALLOWED,
    PARSE_FAILED,
    VALIDATION_FAILED,
    BadUserInputError,
    ExpectedError,
    StoreUnavailableError,
)
from graphql_api.schema.context import Context
from graphql_api.store.database import is_unavailable

log = structlog.get_logger(__name__)

_FOR_THE_TRANSPORT = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)


LONG_WORD = re.compile(r"(\S{100})\S+")
QUOTE = re.compile(r"""(?<!\w)(['"])((?:(?!\1).)*)\1?""", re.DOTALL)
"""Long ones in an error are a client's own: they are not sent back whole."""
LONGEST_MESSAGE = 500
"""The most characters of graphql-core's messages, which repeat whole lists of names."""

FOUND = re.compile(
    r"(\?) Found: .*|, (?:found: |but encountered error ).*|(?<= cannot represent )([^:'\"]*): .*", re.DOTALL
)
"""The values at the ends of graphql-core's messages; an input may have secrets."""
ENUM_VALUE = re.compile(r"Value '.*' (?=does not exist in '\w+' enum\.)", re.DOTALL)
TOKEN = re.compile(r"((?:, found|Unexpected) (?:String|BlockString|Int|Float)|, found Name) '.*", re.DOTALL)
"""The texts of tokens in messages about the syntax."""

SUGGESTION = re.compile(r" Did you mean [^?]*\?")
"""The names in it are graphql-core's guesses, from a schema that may be hidden."""


class ErrorCodes(SchemaExtension):
    """Gives every error of an operation its code, and masks unexpected ones.

    Unless it is ``suggesting``, no error names a part of the schema that its client did not name.
    """

    _executed = False

    def __init__(self, *, suggesting: bool = True) -> None:
        self._suggesting = suggesting

    def on_operation(self) -> Iterator[None]:
        """Rewrite the errors after the operation."""
        try:
            yield
        except _FOR_THE_TRANSPORT:
            raise
        except GraphQLError as refused:
            raise self._shown(_refused(refused)) from None
        except Exception as unexpected:  # noqa: BLE001 - the edge: Strawberry would show its text to the client
            raise self._coded(GraphQLError(str(unexpected), original_error=unexpected)) from None
        self._rewrite(self.execution_context.result)

    def on_execute(self) -> Iterator[None]:
        """Remember the start: the document is not at fault in later errors."""
        self._executed = True
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Rewrite the errors of one result of a subscription."""
        self._rewrite(result)
        yield

    def _rewrite(self, result: object) -> None:
        if errors := getattr(result, "errors", None):
            rewritten = self._coded if self._executed else _refused
            result.errors = [self._shown(rewritten(error)) for error in errors]  # type: ignore[attr-defined]

    def _shown(self, error: GraphQLError) -> GraphQLError:
        if not self._suggesting:
            error.message = SUGGESTION.sub("", error.message)
        return error

    def _coded(self, error: GraphQLError) -> GraphQLError:
        """Return the coded error of a running operation; an error with a code is finished already."""
        cause = error.original_error
        if "code" in (error.extensions or {}):
            return error
        if _is_of_the_input(error):
            return _with_code(error, BadUserInputError.code)
        assert cause is not None  # noqa: S101  without a cause it is an input error
        if is_unavailable(cause):
            cause = StoreUnavailableError()
        if isinstance(cause, ExpectedError):
            return _with_code(error, cause.code, message=cause.message, details=cause.details)
        context: Context = self.execution_context.context
        log.error("unexpected error", request_id=context.request_id, path=error.path, exc_info=cause)
        return _with_code(error, INTERNAL, message=MASKED, details={"requestId": context.request_id})


def _is_of_the_input(error: GraphQLError) -> bool:
    """Return whether a variable or an argument is wrong; an unserializable value of ours has no node."""
    cause = error.original_error
    return cause is None or (isinstance(cause, GraphQLError) and not (error.path and cause.nodes is None))


def _refused(error: GraphQLError) -> GraphQLError:
    """Return the coded error of an operation refused before its start, for its document or its name."""
    cause = error.original_error
    if "code" in (error.extensions or {}):
        return error
    if isinstance(error, GraphQLSyntaxError):
        return _with_code(error, PARSE_FAILED, message=_shortened(TOKEN.sub(r"\1.", error.message)))
    if isinstance(cause, CannotGetOperationTypeError):
        unresolved = OperationUnresolvedError(cause.operation_name)
        return _with_code(error, unresolved.code, message=unresolved.message)
    if isinstance(cause, InvalidOperationTypeError):
        return _with_code(error, METHOD_NOT_ALLOWED)
    return _with_code(error, VALIDATION_FAILED)


def _with_code(
    error: GraphQLError, code: str, *, message: str | None = None, details: Mapping[str, object] | None = None
) -> GraphQLError:
    """Change the error itself: a new one has to find its line and column in the text again."""
    error.message = LONG_WORD.sub(r"\1…", message or _shortened(error.message))
    error.extensions = {**(error.extensions or {}), **(details or {}), "code": code}
    return error


def _shortened(message: str) -> str:
    """Return a message of graphql-core with no value that a client sent, and of its names not all."""
    message = FOUND.sub(lambda end: end[1] or f"{end[2] or ''}.", message)
    message = ENUM_VALUE.sub("The value ", message)
    if len(message) > LONGEST_MESSAGE:
        message = message[:LONGEST_MESSAGE] + "…"
    return QUOTE.sub(lambda quote: quote[0] if len(quote[2]) <= 100 else f"{quote[0][:101]}…", message)
