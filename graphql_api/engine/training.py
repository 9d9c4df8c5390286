"""The steps to a trained model: submit, look up, watch."""

import asyncio
from contextlib import suppress
from datetime import datetime
from itertools import filterfalse

from graphql_api.documents import CancellationPhase, Finetuning, FinetuningStatus
from graphql_api.engine import training_file
from graphql_api.engine.engine import CLOCK_SLACK, Engine
from graphql_api.engine.reconcile import (
    close_cancelled,
    converge,
    failed,
    has_ended,
    missing,
    refused_throughout,
)
from graphql_api.providers.port import (
    FinetuningProvider,
    JobSpec,
    NotSentError,
    OutcomeUnknownError,
    ProviderFault,
    ProviderJob,
    RejectedError,
    RetryLaterError,
    UnknownJobError,
)
from graphql_api.store.leases import taken_at
from graphql_api.store.marks import files_of

NOT_TURNED_UP = "The create call was not answered, and no job of it has turned up so far."


async def submit(engine: Engine, held: Finetuning, *, file_id: str) -> Finetuning | None:
    """Mark the create call durably, make it once, and record its job."""
    try:
        provider = await engine.provider_of(held)  # before the mark: without it there was certainly no call
    except ProviderFault as fault:
        return await failed(engine, held, fault)
    deadline = engine.monotonic() + engine.timing.submit_limit_s
    marked = await engine.store.mark_submitting(held)
    if marked is None:
        return None
    try:
        limit_s = deadline - engine.monotonic()
        job = await _create_job(engine, provider, marked, file_id=file_id, limit_s=limit_s)
    except OutcomeUnknownError as fault:
        return await engine.record_fault(marked, fault, due_in_s=engine.timing.recheck_s)
    except (NotSentError, RejectedError, RetryLaterError) as fault:
        return await _not_submitted(engine, marked, fault)
    attached = await engine.store.attach_job(marked, job)
    if attached is None:
        await _stop_if_too_late(engine, marked, job)
    return attached


async def look_up(engine: Engine, held: Finetuning, *, submitted_at: datetime) -> Finetuning | None:
    """Find the job of a create call with an unknown outcome; only after the grace time is there none.

    Several jobs are possible only after a create call delayed beyond the grace time: a live one is kept, and
    the sweep stops the others. A job already being stopped by the sweep does not count. Each look-up also
    goes by the training file, for endpoints dropping metadata. If the endpoint refuses look-ups as such
    during the whole grace time, that is an answer, too.
    """
    age_s = (taken_at(held) - submitted_at).total_seconds()
    decides = age_s >= engine.timing.grace_s
    try:
        provider = await engine.provider_of(held)
        jobs = await provider.find_jobs(
            finetuning_id=str(held.id),
            training_file_ids=files_of(held),
            made_after=submitted_at - CLOCK_SLACK,
        )
    except ProviderFault as fault:
        if decides and refused_throughout(engine, held, fault):
            return await _close_unlisted(engine, held, fault)
        return await engine.record_fault(held, fault, may_decide=True)
    jobs = [job for job in jobs if job.id not in held.orphaned_jobs]
    if jobs:
        return await engine.store.attach_job(held, next(filterfalse(has_ended, jobs), jobs[0]))
    if not decides:
        pause_s = max(engine.timing.recheck_s, age_s / 2)
        due_in_s = min(pause_s, engine.timing.backoff_cap_s)
        return await engine.store.record_wait(held, due_in_s=due_in_s, reason=NOT_TURNED_UP)
    if not held.wanted.stops:
        return await engine.store.withdraw_submission(
            held, reason="No job turned up within the grace time.", unanswered=True
        )
    return await close_cancelled(engine, held, phase=CancellationPhase.UNCONFIRMED)


async def watch(engine: Engine, held: Finetuning, *, job_id: str) -> Finetuning | None:
    """Read the job's status and take it over."""
    try:
        job = await (await engine.provider_of(held)).retrieve_job(job_id)
    except UnknownJobError as fault:
        return await missing(engine, held, fault)
    except ProviderFault as fault:
        return await engine.record_fault(held, fault)
    return await converge(engine, held, job)


async def _create_job(
    engine: Engine, provider: FinetuningProvider, marked: Finetuning, *, file_id: str, limit_s: float
) -> ProviderJob:
    if limit_s <= 0:
        raise NotSentError("The create call was not made: marking it took longer than its time limit.")
    parameters = marked.base_llm.model_parameters
    spec = JobSpec(
        finetuning_id=str(marked.id),
        deployment_id=engine.deployment_id,
        model=marked.base_llm.model_name,
        training_file_id=file_id,
        alias=marked.alias,
        suffix=marked.suffix,
        seed=marked.seed,
        n_epochs=parameters.n_epochs,
        batch_size=parameters.batch_size,
        learning_rate_multiplier=parameters.learning_rate_multiplier,
    )
    try:
        async with asyncio.timeout(limit_s):
            return await provider.create_job(spec)
    except TimeoutError as expired:
        raise OutcomeUnknownError("The provider did not answer the create call in time.") from expired


async def _not_submitted(
    engine: Engine, marked: Finetuning, fault: NotSentError | RejectedError | RetryLaterError
) -> Finetuning | None:
    withdrawn = await engine.store.withdraw_submission(marked, reason=fault.message)
    if withdrawn is None or withdrawn.wanted.stops:
        return withdrawn
    if isinstance(fault, RejectedError):
        return await training_file.refused(engine, withdrawn, fault)
    return await failed(engine, withdrawn, fault)


async def _close_unlisted(engine: Engine, held: Finetuning, fault: ProviderFault) -> Finetuning | None:
    """End a finetuning with an unanswered create call, if the endpoint refuses every look-up."""
    if held.wanted.stops:
        return await close_cancelled(engine, held, phase=CancellationPhase.UNCONFIRMED, fault=fault)
    error = (
        "It is not known whether the create call made a job, because the provider does not list its jobs. "
        f"{fault.message}"
    )
    return await engine.store.close(held, FinetuningStatus.FAILED, error=error, fault=fault)


async def _stop_if_too_late(engine: Engine, marked: Finetuning, job: ProviderJob) -> None:
    """Stop the job if it came too late: its finetuning has ended.

    If the finetuning has another job by now, that may be this very job under its id in the provider's list;
    the sweep can tell.
    """
    current = await engine.store.read(marked.id)
    if current is None or current.status.is_terminal:
        with suppress(ProviderFault):
            await (await engine.provider_of(marked)).cancel_job(job.id)
