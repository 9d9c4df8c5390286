"""The judge finds every kind of broken promise.

A check without a way to fail proves nothing.
"""

from dataclasses import replace
from typing import Any

import pytest

from chaos.judgement import Evidence, judge
from chaos.ledger import Ledger, Told
from chaos.plan import IMPATIENT, Plan
from chaos.records import DocumentRecord, JobRecord

NOW = 1_000.0
CALM_AT = NOW - 20
PLAN = Plan(seed=0)

CANCELLED = DocumentRecord(
    id="cancelled",
    status="cancelled",
    wanted="cancel",
    phase="confirmed",
    job_id="job-cancelled",
    asked_at=CALM_AT - 3,
    closed_at=CALM_AT - 2,
)
UNSUBMITTED = replace(CANCELLED, id="unsubmitted", job_id=None)
OVERTAKEN = replace(CANCELLED, id="overtaken", status="succeeded", phase="overtaken", job_id="job-overtaken")
RUNNING = DocumentRecord(id="running", status="running", job_id="job-running", due_at=NOW + 1)

JOBS = (
    JobRecord(id="job-cancelled", finetuning_id="cancelled", status="cancelled", finished_at=CALM_AT - 2.5),
    JobRecord(id="job-overtaken", finetuning_id="overtaken", status="succeeded", finished_at=CALM_AT - 9),
    JobRecord(id="job-running", finetuning_id="running", status="running"),
)


def documents(*changed: DocumentRecord) -> dict[str, DocumentRecord]:
    """Return the documents of a good run, with these in the place of theirs."""
    return {one.id: one for one in (CANCELLED, UNSUBMITTED, OVERTAKEN, RUNNING, *changed)}


def ledger(**changed: Any) -> Ledger:
    """Return the answers to the clients of a good run."""
    told = {"cancelled": "cancelled", "unsubmitted": "queued"}
    cancels = [Told(finetuning_id=one, status=status, at=NOW - 50) for one, status in told.items()]
    late = Told(finetuning_id="overtaken", status="succeeded", at=NOW - 50, too_late=True)
    return Ledger(**{"creates": set(documents()), "cancels": [*cancels, late], **changed})


def evidence(**changed: Any) -> Evidence:
    """Return the remains of a good run."""
    good = Evidence(documents=documents(), jobs=JOBS, now=NOW, calm_at=CALM_AT, swept_at=NOW - 2, errors={})
    return replace(good, **changed)


def rules(*, told: Ledger | None = None, **changed: Any) -> set[str]:
    """Return the rules that are broken after these changes to a good run."""
    return {found.rule for found in judge(PLAN, told or ledger(), evidence(**changed))}


def test_a_good_run_has_no_violation() -> None:
    """A kept promise is not blamed."""
    assert rules() == set()


DOCUMENTS = {
    "lying CANCELLED": (
        replace(RUNNING, status="cancelled", wanted="cancel", phase="confirmed", closed_at=CALM_AT - 2),
        {"untrue status", "orphan"},
    ),
    "lying SUCCEEDED": (replace(RUNNING, status="succeeded"), {"untrue status", "orphan"}),
    "failed without a job": (
        DocumentRecord(id="failed", status="failed", closed_at=CALM_AT - 2),
        {"untrue status"},
    ),
    "success for an acknowledged cancel": (
        replace(CANCELLED, status="succeeded", phase="overtaken"),
        {"lying answer", "untrue status"},
    ),
    "phase of another end": (replace(OVERTAKEN, phase="confirmed"), {"untrue phase"}),
    "cancel that was never recorded": (
        replace(UNSUBMITTED, wanted="train", phase=None),
        {"lost cancel"},
    ),
    "cancel that is not carried out": (
        replace(RUNNING, wanted="cancel", phase="requested"),
        {"stuck cancel"},
    ),
    "creation that never starts": (
        DocumentRecord(id="queued", status="queued", due_at=NOW + 1),
        {"stuck"},
    ),
    "running without a look": (replace(RUNNING, due_at=None), {"forgotten"}),
    "running with a look long past": (replace(RUNNING, due_at=NOW - 30), {"forgotten"}),
    "running with a look far away": (replace(RUNNING, due_at=NOW + 3600), {"forgotten"}),
    "lease of the dead": (replace(RUNNING, lease_expires_at=NOW - 30), {"dead lease"}),
    "lease without an end": (replace(RUNNING, lease_expires_at=NOW + 3600), {"dead lease"}),
    "job that is not there": (replace(UNSUBMITTED, job_id="job-lost"), {"unknown job"}),
    "job under another's name": (replace(RUNNING, job_id="job-cancelled"), {"orphan", "unknown job"}),
    "job not known to its owner": (replace(RUNNING, job_id=None), {"orphan", "stuck"}),
    "CANCELLED before the provider stopped": (
        replace(CANCELLED, closed_at=CALM_AT - 5),
        {"premature CANCELLED"},
    ),
    "cancel later than the bound": (
        replace(UNSUBMITTED, closed_at=CALM_AT + PLAN.bound_s + 0.1),
        {"late"},
    ),
    "cancel later than the bound and the grace": (
        replace(
            UNSUBMITTED,
            create_was_unknown=True,
            closed_at=CALM_AT + PLAN.bound_after_unknown_create_s + 0.1,
        ),
        {"late"},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_wrong_document_is_found(name: str) -> None:
    """Each wrong document breaks the rules that are meant for it, and no others."""
    document, broken = DOCUMENTS[name]
    assert rules(documents=documents(document)) == broken


JOB_LISTS = {
    "live second job": (
        [*JOBS, JobRecord(id="job-2", finetuning_id="running", status="queued")],
        {"second job", "orphan"},
    ),
    "second job that was stopped": (
        [*JOBS, JobRecord(id="job-2", finetuning_id="running", status="cancelled")],
        {"second job"},
    ),
    "live job of a cancelled finetuning": (
        [*JOBS, JobRecord(id="job-2", finetuning_id="unsubmitted", status="running")],
        {"orphan", "untrue status"},
    ),
    "live job of nobody": (
        [*JOBS, JobRecord(id="job-2", finetuning_id="unheard of", status="running")],
        {"orphan"},
    ),
    "live job without our tag": (
        [*JOBS, JobRecord(id="job-2", finetuning_id=None, status="running")],
        {"orphan"},
    ),
    "success under CANCELLED": (
        [replace(JOBS[0], status="succeeded"), *JOBS[1:]],
        {"untrue status"},
    ),
    "forgotten job": ([*JOBS[:2]], {"unknown job"}),
}


@pytest.mark.parametrize("name", JOB_LISTS)
def test_a_wrong_job_is_found(name: str) -> None:
    """Each wrong job at the provider breaks the rules that are meant for it, and no others."""
    jobs, broken = JOB_LISTS[name]
    assert rules(jobs=jobs) == broken


def test_a_lost_document_is_found() -> None:
    """Acknowledged but not stored is a lost create and a lost cancel."""
    left = {one.id: one for one in (CANCELLED, OVERTAKEN, RUNNING)}
    assert rules(documents=left) == {"lost create", "lost cancel"}


def test_a_refusal_that_was_not_true_is_found() -> None:
    """A client was told "too late" for a cancelled finetuning: a lie."""
    told = [Told(finetuning_id="cancelled", status="succeeded", at=NOW, too_late=True)]
    assert rules(told=ledger(cancels=told)) == {"lying answer"}


def test_surprises_are_found() -> None:
    """They are an unexpected answer, an error in a log, and a missing sweep."""
    told = ledger()
    told.surprises["cancel: INTERNAL_SERVER_ERROR"] += 1
    assert rules(told=told) == {"unexpected answer"}
    assert rules(errors={"unexpected error": 1}) == {"unexpected error"}
    assert rules(swept_at=CALM_AT - 1) == {"no sweep"}


def test_the_bounds_are_made_of_the_settings() -> None:
    """The bound is a lease, a backoff and two polls; an unknown create adds the grace."""
    parts = ("LEASE_S", "BACKOFF_CAP_S", "SYNC_INTERVAL_S", "SYNC_INTERVAL_S")
    assert PLAN.bound_s == sum(IMPATIENT[part] for part in parts)
    assert PLAN.bound_after_unknown_create_s == PLAN.bound_s + IMPATIENT["GRACE_S"]
