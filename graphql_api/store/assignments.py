"""The assignments of a turn: job, faults, attempts, ends."""

from graphql_api.documents import CancellationPhase, Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.providers.port import JobStatus, ProviderFault, ProviderJob
from graphql_api.store.expressions import Expression, Fields, event, every, incremented, is_null, literal
from graphql_api.store.marks import is_marked
from graphql_api.store.read_back import read_back


def learnt(held: Finetuning, job: ProviderJob, now: Expression) -> Fields:
    """Return the assignments of any look at the job; marks that were missing before stay lost."""
    kept = {"marks_kept": {"$ne": ["$marks_kept", False]}} if is_marked(job, held) else {}
    return {
        **kept,
        "synced_at": now,
        "missing_since": None,
        "trained_tokens": job.trained_tokens,
        "model_id": literal(job.model_id),
        **read_back(job),
    }


def faulted(message: str, now: Expression, *, request_id: str | None = None) -> Fields:
    """Return the assignments of a failed contact, one more in a row."""
    return {
        "faults": incremented("faults"),
        "last_fault": {
            "message": literal(message),
            "at": now,
            "attempts": {"$add": [{"$ifNull": ["$last_fault.attempts", 0]}, 1]},
            "request_id": literal(request_id),
        },
    }


def undecided(message: str, now: Expression) -> Fields:
    """Return the assignments of a look without a fault and without an answer.

    The fault on record is that of the create call, for whose job it looked.
    """
    attempts = {"$max": ["$last_fault.attempts", 1]}
    return {"last_fault": {"message": literal(message), "at": now, "attempts": attempts, "request_id": None}}


def fault_entry(message: str, now: Expression, *, request_id: str | None) -> tuple[Expression, Expression]:
    """Return the timeline's entry of a fault, with the condition: it is the first in a row."""
    told = event(now, FinetuningEventKind.PROVIDER_FAULT, message=message, request_id=request_id)
    return {"$eq": ["$faults", 0]}, told


WELL: Fields = {"faults": 0, "last_fault": None}
"""The assignments of a contact without a fault."""


NEEDLESS_FILE: Expression = every(is_null("finetuning_job_id"), {"$not": is_null("dataset")})
"""Whether the provider may have a training file without a job; a holder may still bring its id."""

LEFT_OVER: Fields = {"leftover_file": {"file_id": "$finetuning_file_id"}, "finetuning_file_id": None}
"""The assignments for a training file without any further use."""


def closed(status: FinetuningStatus, *, error: str | None, at: Expression) -> Fields:
    """Return the assignments of every end, by whichever way it comes."""
    return {
        "status": status.value,
        "error": literal(error),
        "finished_at": at,
        "provider_status": None,
        "estimated_finish_at": None,
        "faults": 0,
        "refused_since": None,
    }


def log_due(now: Expression) -> Fields:
    """Return the assignments for reading the provider's log at once; a present reader is fenced off."""
    return {"log_work": {"due_at": now, "token": None, "faults": 0}}


def attempt(held: Finetuning, *, error: str | None, asked: bool = True) -> Fields:
    """Return the assignments of a turn to its cancellation: one more attempt, and its error.

    An attempt asks a known job to stop, or looks for the job of a create call. ``asked`` is false if
    the turn only looked at a known job.
    """
    if not held.wanted.stops or held.status.is_terminal:
        return {}
    counts = asked and (held.finetuning_job_id is not None or held.submission is not None)
    attempts = {"cancellation.attempts": incremented("cancellation.attempts")} if counts else {}
    return {**attempts, "cancellation.last_error": literal(error)}


def under_way(held: Finetuning, job: ProviderJob, now: Expression, *, asked: bool) -> Fields:
    """Return the assignment of the time since when the provider says it is cancelling or cancelled.

    A new request to stop starts that time again.
    """
    if not held.wanted.stops:
        return {}
    since = now if asked else {"$ifNull": ["$cancellation.under_way_since", now]}
    is_heard = job.status in {JobStatus.STOPPING, JobStatus.CANCELLED}
    return {"cancellation.under_way_since": since if is_heard else None}


def ended(
    held: Finetuning,
    phase: CancellationPhase,
    job: ProviderJob | None,
    now: Expression,
    *,
    fault: ProviderFault | None,
    asked: bool,
) -> Fields:
    """Return the assignments of a cancellation's end; an unconfirmed one keeps its reason."""
    reason = None
    if phase is CancellationPhase.UNCONFIRMED and held.cancellation:
        reason = fault.message if fault else held.cancellation.last_error
    return {
        **attempt(held, error=reason, asked=asked),
        "cancellation.phase": phase.value,
        "cancellation.confirmed_at": now if phase is CancellationPhase.CONFIRMED else None,
        "cancellation.trained_tokens": job.trained_tokens if job else None,
    }
