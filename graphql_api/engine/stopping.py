"""The steps towards a stopped job: cancel at the provider, then believe only what is read back."""

from graphql_api.documents import Finetuning
from graphql_api.engine.engine import Engine
from graphql_api.engine.reconcile import certainty, close_cancelled, converge, missing
from graphql_api.providers.port import (
    CredentialsError,
    NotSentError,
    OutcomeUnknownError,
    ProviderFault,
    RejectedError,
    RetryLaterError,
    is_refused_as_such,
)
from graphql_api.store.leases import taken_at


async def close_unsubmitted(engine: Engine, held: Finetuning) -> Finetuning | None:
    """Close a finetuning of which no provider job is known; after an unanswered create nobody can be sure."""
    return await close_cancelled(engine, held, phase=certainty(held))


async def stop(engine: Engine, held: Finetuning, *, job_id: str) -> Finetuning | None:
    """Cancel the job and read it back; whatever the cancel call answered, the job's own status decides.

    A provider that says it is carrying the cancel out is only looked at.
    """
    refusal: ProviderFault | None = None
    asks = not _is_under_way(engine, held)
    try:
        if asks:
            await engine.provider_of(held).cancel_job(job_id)
    except (NotSentError, RetryLaterError, CredentialsError) as fault:
        return await engine.record_fault(held, fault)
    except (RejectedError, OutcomeUnknownError) as fault:
        refusal = fault
    try:
        job = await engine.provider_of(held).retrieve_job(job_id)
    except ProviderFault as fault:
        if is_refused_as_such(fault):  # as good as not knowing the job: what became of it cannot be read
            return await missing(engine, held, fault)
        return await engine.record_fault(held, refusal or fault)
    return await converge(engine, held, job, refusal=refusal, asked=asks)


def _is_under_way(engine: Engine, held: Finetuning) -> bool:
    """Whether the provider has just said that it is carrying the cancel out.

    It is asked again after the grace time: it may have lost the request and still say so.
    """
    since = held.cancellation.under_way_since if held.cancellation else None
    return since is not None and (taken_at(held) - since).total_seconds() < engine.timing.grace_s
