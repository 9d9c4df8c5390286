"""Judges the end of a run.

MongoDB and the provider are compared with the answers to the clients.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.ledger import Ledger, Told
from chaos.plan import IMPATIENT, Plan
from chaos.records import DocumentRecord, JobRecord

CLOCK_SLACK_S = 0.05
"""MongoDB cuts its times to milliseconds, and a job's end is dated before its answer is sent."""
MACHINE_SLACK_S = 1.0
"""A busy machine may do due work this much later than promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A broken part of the promise, and its finetuning."""

    rule: str
    finetuning_id: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.finetuning_id}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The findings at ``now``, the documents first and then the jobs; times are Unix seconds.

    The faults ended at ``calm_at``, the last sweep began at ``swept_at``; ``errors`` were logged.
    """

    documents: Mapping[str, DocumentRecord]
    jobs: Sequence[JobRecord]
    now: float
    calm_at: float
    swept_at: float
    errors: Mapping[str, int]


def judge(plan: Plan, ledger: Ledger, evidence: Evidence) -> list[Violation]:
    """Return every violation."""
    jobs: dict[str, list[JobRecord]] = defaultdict(list)
    for job in evidence.jobs:
        jobs[job.finetuning_id or ""].append(job)
    return [
        *_surprises(ledger, evidence),
        *_lost(ledger, evidence),
        *(found for told in ledger.cancels for found in _lies(told, evidence)),
        *(found for job in evidence.jobs for found in _orphans(job, evidence)),
        *(
            found
            for document in evidence.documents.values()
            for found in [
                *_jobs(document, jobs[document.id]),
                *_untruths(document, jobs[document.id]),
                *_unfinished(document, evidence),
                *_late(plan, document, evidence),
            ]
        ),
    ]


def convergence_s(document: DocumentRecord, *, calm_at: float) -> float | None:
    """Return how long after the faults a cancel came true; ``None``: before their end, or never."""
    if document.asked_at is None or document.closed_at is None or document.closed_at <= calm_at:
        return None
    return document.closed_at - max(calm_at, document.asked_at)


def _surprises(ledger: Ledger, evidence: Evidence) -> Iterator[Violation]:
    """Clients and logs see only expected errors, and the sweep goes on."""
    for answer, count in ledger.surprises.items():
        yield Violation(rule="unexpected answer", finetuning_id="-", what=f"{count} times: {answer}")
    for error, count in evidence.errors.items():
        yield Violation(rule="unexpected error", finetuning_id="-", what=f"{count} times: {error}")
    if evidence.swept_at < evidence.calm_at:
        yield Violation(rule="no sweep", finetuning_id="-", what="no sweep began after the faults")


def _lost(ledger: Ledger, evidence: Evidence) -> Iterator[Violation]:
    """An acknowledged create exists."""
    for finetuning_id in sorted(ledger.creates - evidence.documents.keys()):
        yield Violation(rule="lost create", finetuning_id=finetuning_id, what="acknowledged, not stored")


def _lies(told: Told, evidence: Evidence) -> Iterator[Violation]:
    """An acknowledged cancel is recorded, and a final status stays as clients saw it."""
    document = evidence.documents.get(told.finetuning_id)
    if document is None:
        yield Violation(rule="lost cancel", finetuning_id=told.finetuning_id, what="nothing is stored")
        return
    is_final = told.too_late or told.status == "cancelled"
    if is_final and document.status != told.status:
        what = f"the answer said {told.status}, the document says {document.status}"
        yield Violation(rule="lying answer", finetuning_id=document.id, what=what)
    if not told.too_late and document.phase is None:
        yield Violation(rule="lost cancel", finetuning_id=document.id, what="no cancellation is stored")


def _orphans(job: JobRecord, evidence: Evidence) -> Iterator[Violation]:
    """A live job has a live finetuning with its id."""
    if job.has_ended:
        return
    owner = evidence.documents.get(job.finetuning_id or "")
    if owner is None or owner.has_ended or owner.job_id != job.id:
        what = f"{job.id} is {job.status} and has no live finetuning"
        yield Violation(rule="orphan", finetuning_id=str(job.finetuning_id), what=what)


def _jobs(document: DocumentRecord, jobs: Sequence[JobRecord]) -> Iterator[Violation]:
    """There is one job at most, the job named by the document."""
    ids = [job.id for job in jobs]
    if len(ids) > 1:
        yield Violation(rule="second job", finetuning_id=document.id, what=", ".join(ids))
    if document.job_id is not None and document.job_id not in ids:
        what = f"the provider has no {document.job_id}"
        yield Violation(rule="unknown job", finetuning_id=document.id, what=what)


def _untruths(document: DocumentRecord, jobs: Sequence[JobRecord]) -> Iterator[Violation]:
    """The document and the provider say the same at the end."""
    if not document.has_ended:
        return
    statuses = [job.status for job in jobs]
    never_was = document.status == "cancelled" and not jobs
    if not never_was and set(statuses) != {document.status}:
        what = f"the document says {document.status}, the provider {statuses or 'knows no job'}"
        yield Violation(rule="untrue status", finetuning_id=document.id, what=what)
    expected = {"cancelled": {"confirmed", "unconfirmed"}}.get(document.status, {"overtaken"})
    if document.phase is not None and document.phase not in expected:
        what = f"{document.status} with a cancel that is {document.phase}"
        yield Violation(rule="untrue phase", finetuning_id=document.id, what=what)
    yield from _premature(document, jobs)


def _premature(document: DocumentRecord, jobs: Sequence[JobRecord]) -> Iterator[Violation]:
    """A confirmed cancel was not written before the provider had stopped the job."""
    if document.phase != "confirmed" or document.closed_at is None:
        return
    for job in jobs:
        if job.finished_at and job.finished_at > document.closed_at + CLOCK_SLACK_S:
            what = f"{job.id} was stopped {job.finished_at - document.closed_at:.2f} s later"
            yield Violation(rule="premature CANCELLED", finetuning_id=document.id, what=what)


def _unfinished(document: DocumentRecord, evidence: Evidence) -> Iterator[Violation]:
    """Nothing is stuck: due stops are done, training jobs are looked after, and no lease is dead."""
    leased_s = (document.lease_expires_at or evidence.now) - evidence.now
    if not -IMPATIENT["LEASE_S"] - MACHINE_SLACK_S < leased_s <= IMPATIENT["LEASE_S"] + CLOCK_SLACK_S:
        what = f"its lease expires in {leased_s:.1f} s"
        yield Violation(rule="dead lease", finetuning_id=document.id, what=what)
    if document.has_ended:
        return
    if document.wanted != "train":
        what = f"{document.status}, although its cancel is {document.phase}"
        yield Violation(rule="stuck cancel", finetuning_id=document.id, what=what)
    elif document.status != "running" or document.job_id is None:
        yield Violation(rule="stuck", finetuning_id=document.id, what=f"{document.status}, not running")
    elif not _is_looked_after(document, now=evidence.now):
        yield Violation(rule="forgotten", finetuning_id=document.id, what=f"due at {document.due_at}")


def _is_looked_after(document: DocumentRecord, *, now: float) -> bool:
    if document.due_at is None:
        return False
    soon_s = max(IMPATIENT["LEASE_S"], IMPATIENT["BACKOFF_CAP_S"], 2 * IMPATIENT["SYNC_INTERVAL_S"])
    return now - soon_s - MACHINE_SLACK_S <= document.due_at <= now + soon_s + CLOCK_SLACK_S


def _late(plan: Plan, document: DocumentRecord, evidence: Evidence) -> Iterator[Violation]:
    """A cancel comes true within the published bound after the faults."""
    bound_s = plan.bound_after_unknown_create_s if document.create_was_unknown else plan.bound_s
    took_s = convergence_s(document, calm_at=evidence.calm_at)
    if took_s is not None and took_s > bound_s:
        what = f"{took_s:.1f} s after the faults, the bound is {bound_s:g} s"
        yield Violation(rule="late", finetuning_id=document.id, what=what)
