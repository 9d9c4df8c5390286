"""The timeline of a finetuning: one entry for each transition, kept inside its document."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from graphql_api.documents.status import FinetuningStatus


class FinetuningEventKind(StrEnum):
    """What happened."""

    CREATED = "created"
    DATASET_PREPARED = "dataset_prepared"
    FILE_UPLOADED = "file_uploaded"
    SUBMITTING = "submitting"
    NOT_SUBMITTED = "not_submitted"
    JOB_ATTACHED = "job_attached"
    STATUS_CHANGED = "status_changed"
    CANCEL_REQUESTED = "cancel_requested"
    PROVIDER_FAULT = "provider_fault"
    FILE_REMOVED = "file_removed"
    CANCEL_OVERDUE = "cancel_overdue"
    ORPHAN_STOPPED = "orphan_stopped"
    DELETE_REQUESTED = "delete_requested"
    DELETED = "deleted"


class FinetuningEvent(BaseModel):
    """One entry. ``status`` is the finetuning's status from then on, where the entry changed it."""

    at: datetime
    kind: FinetuningEventKind
    actor: str | None = None
    status: FinetuningStatus | None = None
    message: str | None = None
