"""The failures shown to clients, each with a public message and a code."""

from collections.abc import Mapping, Sequence

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
"""The code of a document with bad syntax; its HTTP status differs from other bad documents'."""
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
"""The code of a document in conflict with the schema."""
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
"""The code of an operation not allowed by its HTTP method, for example a mutation by GET."""
INTERNAL = "INTERNAL_SERVER_ERROR"
"""The code of an unexpected failure."""
MASKED = "Something went wrong on the server. It has been logged."
"""The only text for clients about an unexpected failure, beside the id of its log line."""

SAFE_TO_REPEAT = "A cancel or a deletion is safe to repeat; so is a creation with an idempotencyKey."
"""What a client may do after an answer that leaves open what was recorded."""

MOST_SHOWN = 100
"""The most of a client's own ids in an error."""


class ExpectedError(Exception):
    """A failure the client can act on; the answer has ``details`` beside ``code``."""

    code: str

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, object] = details

    @property
    def extensions(self) -> dict[str, object]:
        """The ``extensions`` of the GraphQL error."""
        return {**self.details, "code": self.code}


class BadUserInputError(ExpectedError):
    """An argument is malformed; the message names it."""

    code = "BAD_USER_INPUT"


class FinetuningNotFoundError(ExpectedError):
    """This caller has no finetuning with this id (another tenant's does not count)."""

    code = "FINETUNING_NOT_FOUND"

    def __init__(self, finetuning_id: object) -> None:
        super().__init__(f"There is no finetuning {finetuning_id}.", finetuningId=str(finetuning_id))


class DbConnectionNotFoundError(ExpectedError):
    """This caller has no database connection with this id."""

    code = "DB_CONNECTION_NOT_FOUND"

    def __init__(self, db_connection_id: object) -> None:
        super().__init__(
            f"There is no database connection {db_connection_id}.", dbConnectionId=str(db_connection_id)
        )


class GoldenRecordNotFoundError(ExpectedError):
    """Some golden records do not exist or belong to another connection."""

    code = "GOLDEN_RECORD_NOT_FOUND"

    def __init__(self, missing: list[str]) -> None:
        shown = missing[:MOST_SHOWN]
        super().__init__(f"The connection has no golden records {named(missing)}.", goldenRecords=shown)


class UnknownGoldenRecordError(ExpectedError):
    """This caller has no golden record with this id."""

    code = GoldenRecordNotFoundError.code

    def __init__(self, golden_record_id: object) -> None:
        super().__init__(
            f"There is no golden record {golden_record_id}.", goldenRecordId=str(golden_record_id)
        )


class DbConnectionInUseError(ExpectedError):
    """Live finetunings use the connection."""

    code = "DB_CONNECTION_IN_USE"

    def __init__(self, db_connection_id: object, *, finetunings: Sequence[str]) -> None:
        super().__init__(
            f"Database connection {db_connection_id} is used by finetunings that have not ended: "
            f"{named(finetunings)}. Cancel them or wait for their end, then ask again.",
            dbConnectionId=str(db_connection_id),
            finetunings=list(finetunings),
        )


class GoldenRecordInUseError(ExpectedError):
    """Finetunings chose the golden record and have yet to upload it."""

    code = "GOLDEN_RECORD_IN_USE"

    def __init__(self, golden_record_id: object, *, finetunings: Sequence[str]) -> None:
        super().__init__(
            f"Golden record {golden_record_id} was chosen for finetunings that have yet to upload it: "
            f"{named(finetunings)}. Cancel them or wait for the upload, then ask again.",
            goldenRecordId=str(golden_record_id),
            finetunings=list(finetunings),
        )


class FinetuningNotCancellableError(ExpectedError):
    """The finetuning has ended by itself, so there is nothing to cancel."""

    code = "FINETUNING_NOT_CANCELLABLE"

    def __init__(self, finetuning_id: object, *, status: str) -> None:
        super().__init__(
            f"Finetuning {finetuning_id} has already {status} and cannot be cancelled.",
            finetuningId=str(finetuning_id),
            status=status.upper(),
        )


class FinetuningNotStuckError(ExpectedError):
    """The finetuning is not stuck: the client must cancel it before giving it up."""

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
    """The golden records and the tables exceed the largest training file."""

    code = "TRAINING_FILE_TOO_LARGE"

    def __init__(self, *, size_bytes: int, most_bytes: int) -> None:
        super().__init__(
            f"The training file would have at least {size_bytes:,} bytes, and at most {most_bytes:,} are "
            "allowed. Every golden record comes with all tableSchemas of the connection: keep only the ones "
            "needed by its questions, or choose fewer golden records.",
            sizeBytes=size_bytes,
            most=most_bytes,
        )


class DatasetNotFrozenError(ExpectedError):
    """The finetuning has no training file: it is frozen before the upload."""

    code = "DATASET_NOT_FROZEN"

    def __init__(self, finetuning_id: object, *, status: str) -> None:
        super().__init__(
            f"Finetuning {finetuning_id} is {status} and has no training file: its golden records are frozen "
            "before the upload to the provider.",
            finetuningId=str(finetuning_id),
            status=status.upper(),
        )


class DatasetChangedError(ExpectedError):
    """The catalogue no longer makes the training file: something in it was changed or deleted."""

    code = "DATASET_CHANGED"

    def __init__(self, finetuning_id: object, *, sha256: str) -> None:
        super().__init__(
            f"The training file of finetuning {finetuning_id} cannot be made again: since its upload, golden "
            "records in it or their database connection have been changed or deleted.",
            finetuningId=str(finetuning_id),
            sha256=sha256,
        )


class ModelNotSupportedError(ExpectedError):
    """The model's name matches no pattern allowed by the operator."""

    code = "MODEL_NOT_SUPPORTED"

    def __init__(self, model_name: str, *, allowed: Sequence[str]) -> None:
        super().__init__(
            f"Model {model_name!r} is not supported here; allowed: {', '.join(allowed)}.",
            allowed=list(allowed),
        )


class ProviderNotSupportedError(ExpectedError):
    """This server has no provider with this name."""

    code = "PROVIDER_NOT_SUPPORTED"

    def __init__(self, model_provider: str, *, supported: Sequence[str]) -> None:
        super().__init__(
            f"Provider {model_provider[:64]!r} is not supported; supported: {', '.join(supported)}.",
            supported=list(supported),
        )


class UnsafeBaseUrlError(ExpectedError):
    """The base URL of a tenant's provider account could reach what is not public."""

    code = "UNSAFE_BASE_URL"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The base URL cannot be used, because {reason}; give the https:// URL of a public endpoint, "
            "or ask the operator to allow the host."
        )


class StoreUnavailableError(ExpectedError):
    """MongoDB did not answer in time; the request may or may not have been recorded."""

    code = "STORE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer, so the request may or may not have been recorded. "
            + SAFE_TO_REPEAT
        )


class SearchTooSlowError(ExpectedError):
    """A search without an index did not end in time."""

    code = "SEARCH_TOO_SLOW"

    def __init__(self) -> None:
        super().__init__(
            "The search did not end in time. Search in less, for example give a time with createdFrom."
        )


class SubscriberTooSlowError(ExpectedError):
    """A subscriber reads too slowly for its changes."""

    code = "SUBSCRIBER_TOO_SLOW"

    def __init__(self) -> None:
        super().__init__(
            "The changes came faster than they were read, so this subscription ends. "
            "Subscribe again and read the missed changes, or ask for less."
        )


class IntrospectionOffError(ExpectedError):
    """This server does not show its schema."""

    code = "INTROSPECTION_DISABLED"

    def __init__(self) -> None:
        super().__init__("This server does not show its schema.")


def named(ids: Sequence[str]) -> str:
    """Return the first of the ids in a row, for a message."""
    return ", ".join(ids[:10]) + (", …" if len(ids) > 10 else "")


def first_line(problem: Exception) -> str:
    """Return the text of an error as one line, short enough for a terminal."""
    return str(problem).partition("\n")[0][:300]
