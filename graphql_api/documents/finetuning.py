"""The finetuning document: its aim, its provider's side, its holder."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.account_key import AccountKey
from graphql_api.documents.cursors import Listing
from graphql_api.documents.golden_record_ids import GoldenRecordIds
from graphql_api.documents.paging import DatedDocument
from graphql_api.documents.provider_event import Checkpoint
from graphql_api.documents.status import CancellationPhase, FinetuningStatus, Wanted
from graphql_api.documents.timeline import FinetuningEvent

CANCELLED_BY_USER = "Fine tuning cancelled by the user"
"""The ``error`` of a finetuning cancelled through this server."""

NEWEST_WITH_ALIAS = "newest_with_alias"
"""The index of a search: it reads the aliases in the list's order, and no document without a match."""


class ModelParameters(BaseModel):
    """The hyperparameters of a training run; each is a number or ``"auto"``."""

    n_epochs: int | str = 3
    batch_size: int | str = 1
    learning_rate_multiplier: int | float | str = "auto"


class TrainedParameters(BaseModel):
    """The hyperparameters named by the provider's job; ``None`` for one it does not name."""

    n_epochs: int | float | str | None = None
    batch_size: int | float | str | None = None
    learning_rate_multiplier: int | float | str | None = None


class BaseLlm(BaseModel):
    """The model to be trained further."""

    model_provider: str
    model_name: str
    model_parameters: ModelParameters = Field(default_factory=ModelParameters)


class Cancellation(BaseModel):
    """A requested cancel; ``attempts`` counts the calls to the provider for it, look-ups included.

    ``under_way_since`` is the time since when, after the last request to it, the provider says it is
    cancelling or cancelled.
    """

    phase: CancellationPhase
    requested_at: datetime
    confirmed_at: datetime | None = None
    requested_by: str | None = None
    metadata: dict[str, str] | None = None
    attempts: int = 0
    last_error: str | None = None
    under_way_since: datetime | None = None
    trained_tokens: int | None = None


class LastFault(BaseModel):
    """The last of ``attempts`` failed contacts in a row, and so the reason for a standstill."""

    message: str
    at: datetime
    attempts: int
    request_id: str | None = None


class Dataset(BaseModel):
    """The real training data: the uploaded file's records, size in bytes and digest."""

    golden_records: GoldenRecordIds
    record_count: int
    size_bytes: int
    sha256: str


class FileWait(BaseModel):
    """The wait for the provider to process the training file, counted from the upload.

    ``processed`` is false during the wait, and null if it ended without the provider's word.
    """

    since: datetime
    processed: bool | None


class Submission(BaseModel):
    """The durable mark of a create call: it may have reached the provider.

    A call given up without an answer leaves ``unanswered_create`` behind: from then on a job may exist
    unseen. A job found too late is stopped: it is among the ``orphaned_jobs``, and never becomes the
    finetuning's own.
    """

    marked_at: datetime


class Deletion(BaseModel):
    """A requested deletion; from ``deleted_at`` on, clients do not see the finetuning."""

    requested_at: datetime
    requested_by: str | None = None
    deleted_at: datetime | None = None


class Lease(BaseModel):
    """The right to advance the finetuning; ``token`` fences every write of its holder."""

    owner: str
    token: str
    taken_at: datetime
    expires_at: datetime


class LogWork(BaseModel):
    """The next time to read the provider's log of the job; ``token`` fences its reader's writes."""

    due_at: datetime | None = None
    token: str | None = None
    faults: int = 0


class LogPlace(BaseModel):
    """The line after which an oldest-first list of the log goes on, and whether the list lacks a part."""

    resume_after: str | None = None
    is_cut: bool = False


class LeftoverFile(BaseModel):
    """A training file without further use; without an id it has to be found by its name."""

    file_id: str | None = None


class Idempotency(BaseModel):
    """The client's key of a create call, and the digest of its input."""

    key: str
    fingerprint: str


class Finetuning(DatedDocument):
    """A fine-tuning job from golden records to a trained model. All times are UTC, by MongoDB's clock."""

    listing: ClassVar[Listing] = Listing.FINETUNINGS

    tenant: str
    db_connection_id: PydanticObjectId
    alias: str
    status: FinetuningStatus = FinetuningStatus.QUEUED
    error: str | None = None
    base_llm: BaseLlm
    provider_account_id: PydanticObjectId | None = None
    finetuning_file_id: str | None = None
    finetuning_job_id: str | None = None
    model_id: str | None = None
    golden_records: GoldenRecordIds | None = None
    metadata: dict[str, str] | None = None
    suffix: str | None = None
    seed: int | None = None

    wanted: Wanted = Wanted.TRAIN
    provider_status: str | None = None
    updated_at: datetime
    version: int = 0
    finished_at: datetime | None = None
    synced_at: datetime | None = None
    cancellation: Cancellation | None = None
    last_fault: LastFault | None = None
    deletion: Deletion | None = None
    dataset: Dataset | None = None
    trained_parameters: TrainedParameters | None = None
    trained_tokens: int | None = None
    estimated_finish_at: datetime | None = None
    timeline: list[FinetuningEvent] = Field(default_factory=list)
    provider_events: int = 0
    checkpoints: list[Checkpoint] = Field(default_factory=list)

    training_files: list[str] = Field(default_factory=list)
    """Every file possibly named by a create call, for good: the provider's jobs are recognised by it."""
    file_wait: FileWait | None = None
    marks_kept: bool | None = None
    """Whether the provider's job shows the metadata sent with it; after the first miss, false for good."""
    submission: Submission | None = None
    unanswered_create: bool = False
    orphaned_jobs: list[str] = Field(default_factory=list)
    missing_since: datetime | None = None
    refused_since: datetime | None = None
    leftover_file: LeftoverFile | None = None
    idempotency: Idempotency | None = None
    faults: int = 0
    hinted_at: datetime | None = None
    overdue_at: datetime | None = None
    log_work: LogWork | None = None
    log_place: LogPlace = Field(default_factory=LogPlace)
    lease: Lease | None = None
    due_at: datetime | None

    @property
    def is_cancellable(self) -> bool:
        """Whether it can still be cancelled: it has not ended."""
        return not self.status.is_terminal

    @property
    def account(self) -> AccountKey:
        """The provider account of its job."""
        return AccountKey(self.base_llm.model_provider, self.provider_account_id)

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone for clients."""
        return self.deletion is not None and self.deletion.deleted_at is not None

    class Settings:
        """The collection and its indexes."""

        name = "finetunings"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            ),
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("db_connection_id", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ],
                name="newest_of_connection",
            ),
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("base_llm.model_name", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ],
                name="newest_of_model",
            ),
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                    ("alias", ASCENDING),
                ],
                name=NEWEST_WITH_ALIAS,
            ),
            IndexModel([("tenant", ASCENDING), ("alias", ASCENDING)], name="named"),
            IndexModel(
                [("tenant", ASCENDING), ("finished_at", DESCENDING), ("_id", DESCENDING)], name="by_end"
            ),
            IndexModel(
                [("tenant", ASCENDING)], name="unfinished", partialFilterExpression={"finished_at": None}
            ),
            IndexModel(
                [("due_at", ASCENDING)], name="due", partialFilterExpression={"due_at": {"$type": "date"}}
            ),
            IndexModel(
                [("log_work.due_at", ASCENDING)],
                name="log_due",
                partialFilterExpression={"log_work.due_at": {"$type": "date"}},
            ),
            IndexModel(
                [("cancellation.requested_at", ASCENDING)],
                name="unconfirmed",
                partialFilterExpression={"cancellation.phase": CancellationPhase.REQUESTED.value},
            ),
            IndexModel(
                [("finetuning_job_id", ASCENDING)],
                name="job",
                partialFilterExpression={"finetuning_job_id": {"$type": "string"}},
            ),
            IndexModel(
                [("training_files", ASCENDING)],
                name="training_file",
                partialFilterExpression={"training_files": {"$type": "string"}},
            ),
            IndexModel(
                [("tenant", ASCENDING), ("idempotency.key", ASCENDING)],
                name="idempotency",
                unique=True,
                partialFilterExpression={"idempotency.key": {"$type": "string"}},
            ),
        ]
