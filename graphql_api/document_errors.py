"""The refusals of documents and operations, each with a public message and a code."""

from graphql_api.errors import SAFE_TO_REPEAT, ExpectedError


class TooManyOperationsError(ExpectedError):
    """A WebSocket has reached its limit of operations."""

    code = "TOO_MANY_OPERATIONS"

    def __init__(self, most: int) -> None:
        super().__init__(f"A connection may have at most {most} operations at once.")


class TooMuchAtOnceError(ExpectedError):
    """The operations of a connection would cost too much together."""

    code = TooManyOperationsError.code

    def __init__(self, *, found: int, most: int) -> None:
        super().__init__(
            f"The connection's operations would cost {found} together, at most {most} allowed at once.",
            limit="cost",
            found=found,
            most=most,
        )


class OperationUnresolvedError(ExpectedError):
    """The request does not select one operation of the document."""

    code = "OPERATION_RESOLUTION_FAILURE"

    def __init__(self, operation_name: str | None, *, several: bool = False) -> None:
        message = "The document has no operation."
        if several:
            message = "The document has several operations: name one of them in `operationName`."
        elif operation_name is not None:
            message = f'There is no operation named "{operation_name[:100]}" in the document.'
        super().__init__(message)


class QueryTooComplexError(ExpectedError):
    """The operation would take too much work; the message has the limit and the values."""

    code = "QUERY_TOO_COMPLEX"

    def __init__(self, limit: str, *, found: int, most: int) -> None:
        super().__init__(
            f"The operation is too complex: {limit} {found}, at most {most} allowed.",
            limit=limit,
            found=found,
            most=most,
        )


class OperationTimedOutError(ExpectedError):
    """The operation took too long, and what it began may be recorded."""

    code = "OPERATION_TIMED_OUT"

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"The operation took longer than {limit_s:g} s; what it began may go on. {SAFE_TO_REPEAT}"
        )


class UntrustedDocumentError(ExpectedError):
    """Only listed documents may run here, and this one is not listed."""

    code = "QUERY_NOT_IN_SAFELIST"

    def __init__(self) -> None:
        super().__init__("Only trusted documents run here, and this is not one of them.")


class PersistedQueryNotFoundError(ExpectedError):
    """The server has no document with this hash; Apollo's clients then send it."""

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")  # some clients read the message


class PersistedQueryNotSupportedError(ExpectedError):
    """The server keeps no documents; Apollo's clients then always send them."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class DocumentNotInListError(ExpectedError):
    """Only listed documents may run here, and no listed one has this name."""

    code = "PERSISTED_QUERY_NOT_IN_LIST"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no trusted document {name[:100]!r}.")
