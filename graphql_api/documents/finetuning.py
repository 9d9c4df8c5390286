"""The finetuning document: what is wanted, what is known of the provider's side, and who works on it."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.cursors import Listing
from graphql_api.documents.golden_record_ids import GoldenRecordIds
from graphql_api.documents.paging import DatedDocument
from graphql_api.documents.provider_event import Checkpoint
from graphql_api.documents.status import CancellationPhase, FinetuningStatus, Wanted
from graphql_api.documents.timeline import FinetuningEvent

CANCELLED_BY_USER = "Fine tuning cancelled by the user"
"""The ``error`` of a finetuning that was cancelled through this server."""


class ModelParameters(BaseModel):
    """The hyperparameters of a training run; each is a number or ``"auto"``."""

    n_epochs: int | str = 3
    batch_size: int | str = 1
    learning_rate_multiplier: int | float | str = "auto"


class TrainedParameters(BaseModel):
    """The hyperparameters that the provider's job says it has; ``None`` where it says nothing."""

    n_epochs: int | float | str | None = None
    batch_size: int | float | str | None = None
    learning_rate_multiplier: int | float | str | None = None


class BaseLlm(BaseModel):
    """The model that is trained further."""

    model_provider: str
    model_name: str
    model_parameters: ModelParameters = Field(default_factory=ModelParameters)


class Cancellation(BaseModel):
    """A cancel that was asked for. ``attempts`` counts how often the provider was asked; look-ups count.

    ``under_way_since``: since when, counted from the last request, the provider says that it carries it out.
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
    """Why it does not get on: the last of ``attempts`` contacts in a row that did not go well."""

    message: str
    at: datetime
    attempts: int
    request_id: str | None = None


class Dataset(BaseModel):
    """What the model is really trained on: the uploaded file's records, size in bytes and digest."""

    golden_records: GoldenRecordIds
    record_count: int
    size_bytes: int
    sha256: str


class FileWait(BaseModel):
    """The wait for the provider to process the training file, counted from when that was uploaded.

    ``processed`` is false while it lasts, and null once it is over without the provider having said so.
    """

    since: datetime
    processed: bool | None


class Submission(BaseModel):
    """The durable mark that a create call may have reached the provider.

    A call that is given up without ever having been answered leaves ``unanswered_create`` behind: from then
    on nobody can be sure that there is no job. One that turns up too late and is being stopped is among the
    ``orphaned_jobs``, and never taken for the finetuning's own.
    """

    marked_at: datetime


class Deletion(BaseModel):
    """A deletion that was asked for; once ``deleted_at`` is set, clients see the finetuning no more."""

    requested_at: datetime
    requested_by: str | None = None
    deleted_at: datetime | None = None


class Lease(BaseModel):
    """Who may advance the finetuning; ``token`` fences every write its holder makes."""

    owner: str
    token: str
    taken_at: datetime
    expires_at: datetime


class LogWork(BaseModel):
    """When the provider's log of the job is read next, and who is at it; ``token`` fences what they write."""

    due_at: datetime | None = None
    token: str | None = None
    faults: int = 0


class LogPlace(BaseModel):
    """Behind which line an oldest-first list of the log goes on, and whether the list lacks a part."""

    resume_after: str | None = None
    is_cut: bool = False


class LeftoverFile(BaseModel):
    """A training file that nobody needs any more; without an id it has to be found by its name."""

    file_id: str | None = None


class Idempotency(BaseModel):
    """The client's key of a create call, and the digest of the input it came with."""

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
    finetuning_file_id: str | None = None
    finetuning_job_id: str | None = None
    model_id: str | None = None
    golden_records: GoldenRecordIds | None = None
    metadata: dict[str, str] | None = None

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
    """Every file that a create call may have named, for good: by it the provider's jobs are known."""
    file_wait: FileWait | None = None
    marks_kept: bool | None = None
    """Whether the provider's job shows the metadata that was sent with it; false for good once it did not."""
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
        """Whether it can still be cancelled, that is, has not ended."""
        return not self.status.is_terminal

    @property
    def is_deleted(self) -> bool:
        """Whether clients see it no more."""
        return self.deletion is not None and self.deletion.deleted_at is not None

    class Settings:
        """Where the documents live and how they are found."""

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
