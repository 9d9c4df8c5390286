"""What a turn leaves in the document: what was learnt of the job, what was tried, how a cancel ended."""

from graphql_api.documents import CancellationPhase, Finetuning
from graphql_api.finetunings.expressions import Expression, Fields, incremented, literal
from graphql_api.providers.port import ProviderJob


def learnt(job: ProviderJob, now: Expression) -> Fields:
    """Return what any sight of the job teaches."""
    return {
        "synced_at": now,
        "missing_since": None,
        "trained_tokens": job.trained_tokens,
        "model_id": literal(job.model_id),
    }


def log_due(now: Expression) -> Fields:
    """Return that the provider's log of the job is to be read at once; whoever reads it now is fenced off."""
    return {"log_work": {"due_at": now, "token": None, "faults": 0}}


def attempt(held: Finetuning, *, error: str | None) -> Fields:
    """Return what a turn leaves in the cancellation: where a job is known, it was asked to stop."""
    if not held.wanted.stops or held.status.is_terminal:
        return {}
    asked = held.finetuning_job_id is not None
    attempts = {"cancellation.attempts": incremented("cancellation.attempts")} if asked else {}
    return {**attempts, "cancellation.last_error": literal(error)}


def ended(held: Finetuning, phase: CancellationPhase, job: ProviderJob | None, now: Expression) -> Fields:
    """Return how a cancellation ends; why it is unconfirmed stays on record."""
    unconfirmed = phase is CancellationPhase.UNCONFIRMED
    reason = held.cancellation.last_error if unconfirmed and held.cancellation else None
    return {
        **attempt(held, error=reason),
        "cancellation.phase": phase.value,
        "cancellation.confirmed_at": now if phase is CancellationPhase.CONFIRMED else None,
        "cancellation.trained_tokens": job.trained_tokens if job else None,
    }
