"""What a turn leaves in the document: what was learnt of the job, what was tried, how a cancel ended."""

from graphql_api.documents import CancellationPhase, Finetuning, FinetuningEventKind, FinetuningStatus
from graphql_api.providers.port import JobStatus, ProviderFault, ProviderJob
from graphql_api.store.expressions import Expression, Fields, event, every, incremented, is_null, literal
from graphql_api.store.marks import is_marked
from graphql_api.store.read_back import read_back


def learnt(held: Finetuning, job: ProviderJob, now: Expression) -> Fields:
    """Return what any sight of the job teaches; one that once came back without its marks has lost them."""
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
    """Return what a contact that did not go well leaves, one more in a row."""
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
    """Return what a look leaves that went well and answered nothing: the call it looks for is the fault."""
    attempts = {"$max": ["$last_fault.attempts", 1]}
    return {"last_fault": {"message": literal(message), "at": now, "attempts": attempts, "request_id": None}}


def fault_entry(message: str, now: Expression, *, request_id: str | None) -> tuple[Expression, Expression]:
    """Return the timeline's entry of a fault, for the first one in a row."""
    told = event(now, FinetuningEventKind.PROVIDER_FAULT, message=message, request_id=request_id)
    return {"$eq": ["$faults", 0]}, told


WELL: Fields = {"faults": 0, "last_fault": None}
"""What a contact leaves that went well."""


NEEDLESS_FILE: Expression = every(is_null("finetuning_job_id"), {"$not": is_null("dataset")})
"""Whether a training file may be at the provider that no job needs; a holder may still bring its id."""

LEFT_OVER: Fields = {"leftover_file": {"file_id": "$finetuning_file_id"}, "finetuning_file_id": None}
"""What becomes of a training file that nobody needs any more."""


def closed(status: FinetuningStatus, *, error: str | None, at: Expression) -> Fields:
    """Return what every end leaves, whoever brings it about."""
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
    """Return that the provider's log of the job is to be read at once; whoever reads it now is fenced off."""
    return {"log_work": {"due_at": now, "token": None, "faults": 0}}


def attempt(held: Finetuning, *, error: str | None, asked: bool = True) -> Fields:
    """Return what a turn leaves in the cancellation: a known job was asked to stop, another looked for.

    Where a known job was only looked at, nothing was ``asked``.
    """
    if not held.wanted.stops or held.status.is_terminal:
        return {}
    counts = asked and (held.finetuning_job_id is not None or held.submission is not None)
    attempts = {"cancellation.attempts": incremented("cancellation.attempts")} if counts else {}
    return {**attempts, "cancellation.last_error": literal(error)}


def under_way(held: Finetuning, job: ProviderJob, now: Expression, *, asked: bool) -> Fields:
    """Return since when the provider says that it carries the cancel out, or has; a request counts anew."""
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
    """Return how a cancellation ends; why it is unconfirmed stays on record."""
    reason = None
    if phase is CancellationPhase.UNCONFIRMED and held.cancellation:
        reason = fault.message if fault else held.cancellation.last_error
    return {
        **attempt(held, error=reason, asked=asked),
        "cancellation.phase": phase.value,
        "cancellation.confirmed_at": now if phase is CancellationPhase.CONFIRMED else None,
        "cancellation.trained_tokens": job.trained_tokens if job else None,
    }
