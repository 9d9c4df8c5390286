"""Stops a finetuning's other jobs, made by repeated calls.

A gateway may repeat a create call, and each of its jobs trains. The sweep finds and stops jobs with our
metadata. If an endpoint drops the metadata, a search by the training file comes before a cancel is confirmed.
"""

from contextlib import suppress
from datetime import datetime

import structlog

from graphql_api.documents import Finetuning
from graphql_api.engine.engine import CLOCK_SLACK, Engine
from graphql_api.providers.port import (
    FinetuningProvider,
    OutcomeUnknownError,
    ProviderFault,
    ProviderJob,
    RejectedError,
)
from graphql_api.store.leases import taken_at
from graphql_api.store.marks import files_of, is_marked

log = structlog.get_logger(__name__)


async def tell_lost_marks(engine: Engine, finetuning: Finetuning, job: ProviderJob) -> None:
    """Record, once for each finetuning, a job without the metadata sent with it."""
    if finetuning.marks_kept is False or is_marked(job, finetuning):
        return
    has_file = job.training_file_id in files_of(finetuning)
    known_by = "its training file alone" if has_file else "nothing but its id"
    message = f"The provider does not keep the job's metadata; the job is known by {known_by}."
    if await engine.upkeep.record_marks_lost(finetuning.id, message) is None:
        return
    engine.metrics.marks_lost.inc()
    account = str(finetuning.account)
    if account not in engine.warned:
        engine.warned.add(account)
        log.warning("the provider does not keep the metadata of jobs", account=account, job=job.id)


async def is_alone(engine: Engine, held: Finetuning, job: ProviderJob) -> bool:
    """Stop every sibling of an ended job, and return whether there is certainly no other live one.

    An empty search proves nothing: it lacks even the job itself. During the grace time, this
    raises ``ProviderFault`` if the answer may become clear by itself; after it, this returns false.
    """
    if held.marks_kept is not False and is_marked(job, held):
        return True
    try:
        if await stop_siblings(engine, held):
            return True
        raise OutcomeUnknownError("The provider's list does not show the job, so it cannot rule out another.")
    except ProviderFault:
        asked = held.cancellation
        if asked and _is_over(engine, held, since=asked.requested_at):
            return False
        raise


async def stop_what_is_left(engine: Engine, held: Finetuning) -> None:
    """Stop every live job of an ended finetuning before its deletion, except if its jobs show their marks.

    During the grace time, raises ``ProviderFault`` if it may become possible by itself.
    """
    had_job = held.finetuning_job_id is not None or held.submission is not None or held.unanswered_create
    if held.marks_kept is True or not had_job:
        return
    try:
        await stop_siblings(engine, held)
    except ProviderFault:
        asked = held.deletion
        if not (asked and _is_over(engine, held, since=asked.requested_at)):
            raise


async def stop_siblings(engine: Engine, held: Finetuning) -> bool:
    """Stop every live job of the finetuning but its own; return whether the search showed any job.

    Raises ``ProviderFault`` if one of them lives on.
    """
    provider = await engine.provider_of(held)
    found = await provider.find_jobs(
        finetuning_id=str(held.id),
        training_file_ids=files_of(held),
        made_after=held.created_at - CLOCK_SLACK,
    )
    for job in found:
        if job.id != held.finetuning_job_id and not job.status.is_terminal:
            await _stop_sibling(engine, held, provider, job.id)
    return bool(found)


def _is_over(engine: Engine, held: Finetuning, *, since: datetime) -> bool:
    return (taken_at(held) - since).total_seconds() >= engine.timing.grace_s


async def _stop_sibling(engine: Engine, held: Finetuning, provider: FinetuningProvider, job_id: str) -> None:
    """Stop the job and read it back; it may also be the finetuning's own, under another id."""
    if (await provider.retrieve_job(job_id)).status.is_terminal:
        return
    if await engine.store.renew(held) is None:
        raise OutcomeUnknownError(f"Another server stops the job {job_id}.")
    told = f"Stopped with the finetuning: the job {job_id}, another one of the same training file."
    if await engine.upkeep.record_orphan(held.id, job_id, told) is None:
        raise OutcomeUnknownError(f"The job {job_id} may be the finetuning's own.")
    with suppress(RejectedError, OutcomeUnknownError):
        await provider.cancel_job(job_id)
    if not (await provider.retrieve_job(job_id)).status.is_terminal:
        raise OutcomeUnknownError(f"Another job of this finetuning, {job_id}, is still being stopped.")
    engine.metrics.orphans.labels(action="stopped").inc()
