"""The failures that a client is told about: each has a public message and a code."""

from collections.abc import Mapping, Sequence

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
"""The code of a document that is no GraphQL; HTTP has another status for it than for other bad documents."""
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
"""The code of a document that does not fit the schema."""
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
"""The code of an operation whose kind may not be run by the method that it came by."""
INTERNAL = "INTERNAL_SERVER_ERROR"
"""The code of a failure that nobody expected."""
MASKED = "Something went wrong on the server. It has been logged."
"""All that a client is told of such a failure, beside the id that it was logged under."""


class ExpectedError(Exception):
    """A failure the client can act on; ``details`` go beside ``code`` into the answer."""

    code: str

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, object] = details

    @property
    def extensions(self) -> dict[str, object]:
        """What a GraphQL error says beside its message."""
        return {**self.details, "code": self.code}


class BadUserInputError(ExpectedError):
    """An argument is malformed; the message names it."""

    code = "BAD_USER_INPUT"


class FinetuningNotFoundError(ExpectedError):
    """No such finetuning for this caller (another tenant's is the same as none)."""

    code = "FINETUNING_NOT_FOUND"

    def __init__(self, finetuning_id: object) -> None:
        super().__init__(f"There is no finetuning {finetuning_id}.", finetuningId=str(finetuning_id))


class DbConnectionNotFoundError(ExpectedError):
    """No such database connection for this caller."""

    code = "DB_CONNECTION_NOT_FOUND"

    def __init__(self, db_connection_id: object) -> None:
        super().__init__(
            f"There is no database connection {db_connection_id}.", dbConnectionId=str(db_connection_id)
        )


class GoldenRecordNotFoundError(ExpectedError):
    """Some golden records do not exist or belong to another connection."""

    code = "GOLDEN_RECORD_NOT_FOUND"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"The connection has no golden records {_named(missing)}.", goldenRecords=missing)


class UnknownGoldenRecordError(ExpectedError):
    """No such golden record for this caller."""

    code = GoldenRecordNotFoundError.code

    def __init__(self, golden_record_id: object) -> None:
        super().__init__(
            f"There is no golden record {golden_record_id}.", goldenRecordId=str(golden_record_id)
        )


class DbConnectionInUseError(ExpectedError):
    """Finetunings that have not ended are made from the connection."""

    code = "DB_CONNECTION_IN_USE"

    def __init__(self, db_connection_id: object, *, finetunings: Sequence[str]) -> None:
        super().__init__(
            f"Database connection {db_connection_id} is used by finetunings that have not ended: "
            f"{_named(finetunings)}. Cancel them or wait for their end, then ask again.",
            dbConnectionId=str(db_connection_id),
            finetunings=list(finetunings),
        )


class GoldenRecordInUseError(ExpectedError):
    """Finetunings have chosen the golden record and have yet to upload it."""

    code = "GOLDEN_RECORD_IN_USE"

    def __init__(self, golden_record_id: object, *, finetunings: Sequence[str]) -> None:
        super().__init__(
            f"Golden record {golden_record_id} was chosen for finetunings that have yet to upload it: "
            f"{_named(finetunings)}. Cancel them or wait for the upload, then ask again.",
            goldenRecordId=str(golden_record_id),
            finetunings=list(finetunings),
        )


class FinetuningNotCancellableError(ExpectedError):
    """The finetuning has ended by itself: there is nothing left to cancel."""

    code = "FINETUNING_NOT_CANCELLABLE"

    def __init__(self, finetuning_id: object, *, status: str) -> None:
        super().__init__(
            f"Finetuning {finetuning_id} has already {status} and cannot be cancelled.",
            finetuningId=str(finetuning_id),
            status=status.upper(),
        )


class FinetuningNotStuckError(ExpectedError):
    """Nothing keeps the finetuning from going on: it is to be cancelled before it is given up."""

    code = "FINETUNING_NOT_STUCK"

    def __init__(self, finetuning_id: object, *, status: str) -> None:
        super().__init__(
            f"Finetuning {finetuning_id} is {status}, and the last contact with the provider went well. "
            "Cancel it first; give it up only if that does not end it.",
            finetuningId=str(finetuning_id),
            status=status.upper(),
        )


class InsufficientGoldenRecordsError(ExpectedError):
    """Fewer golden records than the provider trains on."""

    code = "INSUFFICIENT_GOLDEN_RECORDS"

    def __init__(self, *, found: int, required: int) -> None:
        super().__init__(
            f"At least {required} golden records are needed, {found} were found.",
            found=found,
            required=required,
        )


class TrainingFileTooLargeError(ExpectedError):
    """The golden records and the tables would make a larger training file than is built here."""

    code = "TRAINING_FILE_TOO_LARGE"

    def __init__(self, *, size_bytes: int, most_bytes: int) -> None:
        super().__init__(
            f"The training file would have at least {size_bytes:,} bytes, and at most {most_bytes:,} are "
            "allowed. Every golden record comes with all tableSchemas of the connection: give it those that "
            "its questions need, or choose fewer golden records.",
            sizeBytes=size_bytes,
            most=most_bytes,
        )


class ModelNotSupportedError(ExpectedError):
    """The model's name matches none of the patterns that the operator allows."""

    code = "MODEL_NOT_SUPPORTED"

    def __init__(self, model_name: str, *, allowed: Sequence[str]) -> None:
        super().__init__(
            f"Model {model_name!r} is not supported here; allowed: {', '.join(allowed)}.",
            allowed=list(allowed),
        )


class ProviderNotSupportedError(ExpectedError):
    """The provider's name is not one that this server speaks to."""

    code = "PROVIDER_NOT_SUPPORTED"

    def __init__(self, model_provider: str, *, supported: Sequence[str]) -> None:
        super().__init__(
            f"Provider {model_provider[:64]!r} is not supported; supported: {', '.join(supported)}.",
            supported=list(supported),
        )


class StoreUnavailableError(ExpectedError):
    """MongoDB did not answer in time; what was asked for may or may not have been recorded."""

    code = "STORE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer, so what was asked for may or may not have been recorded. "
            "A cancel or a deletion is safe to ask for again; so is a creation with an idempotencyKey."
        )


class TooManyOperationsError(ExpectedError):
    """A WebSocket has as many operations as it may have."""

    code = "TOO_MANY_OPERATIONS"

    def __init__(self, most: int) -> None:
        super().__init__(f"A connection may have at most {most} operations at once.")


class SubscriberTooSlowError(ExpectedError):
    """A subscriber that does not keep up with what it asked to be told."""

    code = "SUBSCRIBER_TOO_SLOW"

    def __init__(self) -> None:
        super().__init__(
            "More has changed than was taken in time, so this subscription ends. "
            "Subscribe again and read what you missed, or ask for less."
        )


class OperationUnresolvedError(ExpectedError):
    """It cannot be told which operation of the document is to be run."""

    code = "OPERATION_RESOLUTION_FAILURE"

    def __init__(self, operation_name: str | None, *, several: bool = False) -> None:
        message = "The document has no operation."
        if several:
            message = "The document has several operations: name one of them in `operationName`."
        elif operation_name is not None:
            message = f'There is no operation named "{operation_name}" in the document.'
        super().__init__(message)


class QueryTooComplexError(ExpectedError):
    """The operation would take too much work; the message names the limit and the values."""

    code = "QUERY_TOO_COMPLEX"

    def __init__(self, limit: str, *, found: int, most: int) -> None:
        super().__init__(
            f"The operation is too complex: {limit} {found}, at most {most} allowed.",
            limit=limit,
            found=found,
            most=most,
        )


class UntrustedDocumentError(ExpectedError):
    """Only the documents of a list may be run here, and this one is not on it."""

    code = "QUERY_NOT_IN_SAFELIST"

    def __init__(self) -> None:
        super().__init__("Only trusted documents are run here, and this one is not among them.")


class PersistedQueryNotFoundError(ExpectedError):
    """The server does not have the document of this hash; Apollo's clients send it then."""

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")  # some clients go by the message


class PersistedQueryNotSupportedError(ExpectedError):
    """The server keeps no documents; Apollo's clients send them from then on."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class DocumentNotInListError(ExpectedError):
    """Only the documents of a list may be run here, and none of them has this name."""

    code = "PERSISTED_QUERY_NOT_IN_LIST"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no trusted document {name[:100]!r}.")


def _named(ids: Sequence[str]) -> str:
    return ", ".join(ids[:10]) + (", …" if len(ids) > 10 else "")


def first_line(problem: Exception) -> str:
    """Return what an error says, in one line that is not too long for a terminal."""
    return str(problem).partition("\n")[0][:300]
