"""A finetuning's timeline, kept inside its document."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel

from graphql_api.documents.status import FinetuningStatus

MOST_ENTRIES = 500
"""From this number of entries on, a timeline takes no more of the repeatable kinds."""


class FinetuningEventKind(StrEnum):
    """The kind of an event."""

    CREATED = "created"
    DATASET_PREPARED = "dataset_prepared"
    FILE_UPLOADED = "file_uploaded"
    FILE_PROCESSING = "file_processing"
    FILE_PROCESSED = "file_processed"
    SUBMITTING = "submitting"
    NOT_SUBMITTED = "not_submitted"
    JOB_ATTACHED = "job_attached"
    STATUS_CHANGED = "status_changed"
    PARAMETERS_DIFFER = "parameters_differ"
    UPDATED = "updated"
    CANCEL_REQUESTED = "cancel_requested"
    PROVIDER_FAULT = "provider_fault"
    FILE_REMOVED = "file_removed"
    GIVEN_UP = "given_up"
    CANCEL_OVERDUE = "cancel_overdue"
    ORPHAN_STOPPED = "orphan_stopped"
    MARKS_LOST = "marks_lost"
    DELETE_REQUESTED = "delete_requested"
    DELETED = "deleted"
    PROVIDER_MESSAGE = "provider_message"
    PROVIDER_METRICS = "provider_metrics"


REPEATABLE = frozenset(
    {
        FinetuningEventKind.DATASET_PREPARED,
        FinetuningEventKind.FILE_UPLOADED,
        FinetuningEventKind.FILE_PROCESSING,
        FinetuningEventKind.FILE_PROCESSED,
        FinetuningEventKind.PARAMETERS_DIFFER,
        FinetuningEventKind.SUBMITTING,
        FinetuningEventKind.NOT_SUBMITTED,
        FinetuningEventKind.PROVIDER_FAULT,
        FinetuningEventKind.UPDATED,
    }
)
"""The kinds a failing provider or a user can repeat without end, beside changes between live statuses. Every
other kind comes once and is always recorded: how it was stopped, and how it ended."""


class FinetuningEvent(BaseModel):
    """One entry; ``status`` is the finetuning's new status if the entry changed it."""

    level: ClassVar[None] = None
    metrics: ClassVar[None] = None

    at: datetime
    kind: FinetuningEventKind
    actor: str | None = None
    status: FinetuningStatus | None = None
    message: str | None = None
    request_id: str | None = None
