"""Brings a finetuning in line with its provider's job."""

from graphql_api.documents import CANCELLED_BY_USER, CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.engine.engine import Engine
from graphql_api.engine.ownership import stopped_as
from graphql_api.engine.siblings import is_alone, tell_lost_marks
from graphql_api.providers.port import (
    CredentialsError,
    JobStatus,
    ProviderFault,
    ProviderJob,
    RejectedError,
    is_refused_as_such,
)
from graphql_api.store.leases import taken_at
from graphql_api.store.marks import files_of


async def converge(
    engine: Engine,
    held: Finetuning,
    job: ProviderJob,
    *,
    refusal: ProviderFault | None = None,
    asked: bool = True,
) -> Finetuning | None:
    """Take over the job's status; ``refusal``, a failed cancel call's fault, is recorded if the job lives on.

    ``asked`` says whether this turn asked the provider to stop the job, if it is to be stopped.
    """
    await tell_lost_marks(engine, held, job)
    status = _status_of(job)
    if status is None or not status.is_terminal:
        if refusal:
            engine.count(held, refusal)
        return await engine.store.record_sync(
            held,
            job,
            status=status,
            due_in_s=_look_again_s(engine, held),
            error=f"The provider accepted the cancel; the job is still {job.word}.",
            refusal=refusal,
            asked=asked,
        )
    try:
        phase = await _phase_of(engine, held, status, job)
    except ProviderFault as fault:
        return await engine.record_fault(held, fault, job=job, asked=asked)
    error = await _error_of(engine, held, status, job)
    return await engine.store.close(held, status, error=error, job=job, phase=phase, asked=asked)


async def missing(engine: Engine, held: Finetuning, fault: ProviderFault) -> Finetuning | None:
    """Handle a job unknown to the provider: this is believed only after the grace time.

    A training is given up only if the provider's list does not have it either: a wrong address or key for a
    while must not end everything. A refused list shows nothing, so it ends no training; its user can cancel
    it.
    """
    since = held.missing_since
    if since is None or (taken_at(held) - since).total_seconds() < engine.timing.grace_s:
        return await engine.record_fault(held, fault, missing=True)
    if held.wanted.stops:
        return await close_cancelled(engine, held, phase=CancellationPhase.UNCONFIRMED, fault=fault)
    try:
        found = await (await engine.provider_of(held)).find_jobs(
            finetuning_id=str(held.id), training_file_ids=files_of(held)
        )
    except ProviderFault as unlisted:
        return await engine.record_fault(held, unlisted, missing=True)
    if found:
        return await engine.record_fault(held, fault, missing=True)
    return await engine.store.close(
        held, FinetuningStatus.FAILED, error=f"The provider does not know the job {held.finetuning_job_id}."
    )


async def close_cancelled(
    engine: Engine, held: Finetuning, *, phase: CancellationPhase, fault: ProviderFault | None = None
) -> Finetuning | None:
    """Close a finetuning as its user asked, without the provider's word on its job."""
    return await engine.store.close(
        held, FinetuningStatus.CANCELLED, error=CANCELLED_BY_USER, phase=phase, fault=fault
    )


def refused_throughout(engine: Engine, held: Finetuning, fault: ProviderFault) -> bool:
    """Whether the endpoint refuses calls of this kind, and gave no other answer during the grace time."""
    since = held.refused_since
    if since is None or not is_refused_as_such(fault):
        return False
    return (taken_at(held) - since).total_seconds() >= engine.timing.grace_s


def certainty(held: Finetuning) -> CancellationPhase:
    """Return the phase at a cancel's end: unconfirmed if an unanswered create may have made a job."""
    return CancellationPhase.UNCONFIRMED if held.unanswered_create else CancellationPhase.CONFIRMED


async def failed(engine: Engine, held: Finetuning, fault: ProviderFault) -> Finetuning | None:
    """End a finetuning refused by the provider; a refused key, and any other fault, is retried."""
    if isinstance(fault, RejectedError) and not isinstance(fault, CredentialsError):
        return await engine.store.close(held, FinetuningStatus.FAILED, error=fault.message, fault=fault)
    return await engine.record_fault(held, fault)


def has_ended(job: ProviderJob) -> bool:
    """Whether the provider calls the job ended; an unknown word is live."""
    return job.status.is_terminal


def _status_of(job: ProviderJob) -> FinetuningStatus | None:
    """Return the finetuning's status by its job's; ``None`` for a half-way or unknown word, so live."""
    known = job.status not in {JobStatus.STOPPING, JobStatus.OTHER}
    return FinetuningStatus(job.status.value) if known else None


async def _phase_of(
    engine: Engine, held: Finetuning, status: FinetuningStatus, job: ProviderJob
) -> CancellationPhase | None:
    if not held.wanted.stops:
        return None
    if status is not FinetuningStatus.CANCELLED:
        return CancellationPhase.OVERTAKEN
    return certainty(held) if await is_alone(engine, held, job) else CancellationPhase.UNCONFIRMED


async def _error_of(
    engine: Engine, held: Finetuning, status: FinetuningStatus, job: ProviderJob
) -> str | None:
    if status is FinetuningStatus.FAILED:
        return job.error or "The provider reports a failure without a reason."
    if status is not FinetuningStatus.CANCELLED:
        return None
    if held.wanted.stops:
        return CANCELLED_BY_USER
    by_us = await stopped_as(engine, held, job)
    return f"Stopped by the sweep, as the job {by_us}" if by_us else "Fine tuning cancelled at the provider"


def _look_again_s(engine: Engine, held: Finetuning) -> float:
    """Return the seconds to the next look at a live job: few, if it is about to be cancelled."""
    if held.cancellation is None:
        return engine.timing.sync_interval_s
    pause_s = engine.timing.backoff_s(held.cancellation.attempts, engine.random)
    if held.cancellation.under_way_since is not None:
        waited = taken_at(held) - held.cancellation.under_way_since
        pause_s = max(pause_s, waited.total_seconds() / 2)
    return min(engine.timing.sync_interval_s, pause_s)
