"""The steps to a stopped job: cancel, then read back."""

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
    """Close a finetuning without a known job; after an unanswered create it ends as unconfirmed."""
    return await close_cancelled(engine, held, phase=certainty(held))


async def stop(engine: Engine, held: Finetuning, *, job_id: str) -> Finetuning | None:
    """Cancel the job and read it back; the job's own status decides, not the cancel call's answer.

    If the provider says it is cancelling the job, this only looks.
    """
    refusal: ProviderFault | None = None
    asks = not _is_under_way(engine, held)
    try:
        if asks:
            await (await engine.provider_of(held)).cancel_job(job_id)
    except (NotSentError, RetryLaterError, CredentialsError) as fault:
        return await engine.record_fault(held, fault)
    except (RejectedError, OutcomeUnknownError) as fault:
        refusal = fault
    try:
        job = await (await engine.provider_of(held)).retrieve_job(job_id)
    except ProviderFault as fault:
        if is_refused_as_such(fault):  # the same as not knowing the job: its status cannot be read
            return await missing(engine, held, fault)
        return await engine.record_fault(held, refusal or fault)
    return await converge(engine, held, job, refusal=refusal, asked=asks)


def _is_under_way(engine: Engine, held: Finetuning) -> bool:
    """Whether the provider has recently said that it is carrying the cancel out.

    It is asked again after the grace time: it may have lost the request and still say so.
    """
    since = held.cancellation.under_way_since if held.cancellation else None
    return since is not None and (taken_at(held) - since).total_seconds() < engine.timing.grace_s
