"""The remains of a run, as plain values.

They are MongoDB's documents and the provider's jobs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graphql_api.documents import TERMINAL, FinetuningEventKind
from graphql_api.providers.port import FINETUNING_ID_KEY
from graphql_api.sandbox.openai.jobs import Job

ENDED = frozenset(status.value for status in TERMINAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """A finetuning as MongoDB has it; times are Unix seconds."""

    id: str
    status: str
    wanted: str = "train"
    phase: str | None = None
    job_id: str | None = None
    due_at: float | None = None
    lease_expires_at: float | None = None
    closed_at: float | None = None
    asked_at: float | None = None
    create_was_unknown: bool = False
    timeline: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing can follow any more."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as the provider has it; ``finetuning_id`` is the tag given by us."""

    id: str
    finetuning_id: str | None
    status: str
    finished_at: float | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it costs nothing any more."""
        return self.status in ENDED


def document_record(document: Mapping[str, Any]) -> DocumentRecord:
    """Return the judged fields of a stored finetuning."""
    cancellation, lease = document["cancellation"] or {}, document["lease"] or {}
    timeline = tuple(document["timeline"])
    return DocumentRecord(
        id=str(document["_id"]),
        status=document["status"],
        wanted=document["wanted"],
        phase=cancellation.get("phase"),
        job_id=document["finetuning_job_id"],
        due_at=_seconds(document["due_at"]),
        lease_expires_at=_seconds(lease.get("expires_at")),
        closed_at=next((_seconds(entry["at"]) for entry in timeline if _closes(entry)), None),
        asked_at=_seconds(cancellation.get("requested_at")),
        create_was_unknown=_create_was_unknown(document, timeline),
        timeline=timeline,
    )


def job_record(job: Job, *, now: float) -> JobRecord:
    """Return the judged fields of a job at the moment ``now``."""
    job.settle(now)
    return JobRecord(
        id=job.id,
        finetuning_id=(job.metadata or {}).get(FINETUNING_ID_KEY),
        status=job.status.value,
        finished_at=job.finished_at,
    )


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _closes(entry: Mapping[str, Any]) -> bool:
    return entry["kind"] == FinetuningEventKind.STATUS_CHANGED and entry["status"] in ENDED


def _create_was_unknown(document: Mapping[str, Any], timeline: tuple[Mapping[str, Any], ...]) -> bool:
    """Whether a create call was marked and its job was unknown at the cancel's arrival and just after."""
    if document["unanswered_create"]:
        return True
    kinds = [entry["kind"] for entry in timeline]
    submitted = kinds.count(FinetuningEventKind.SUBMITTING)
    settled = kinds.count(FinetuningEventKind.JOB_ATTACHED) + kinds.count(FinetuningEventKind.NOT_SUBMITTED)
    return submitted > settled
