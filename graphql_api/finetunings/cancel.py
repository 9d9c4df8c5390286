"""Cancelling a finetuning: record that it is wanted, then see it through within the caller's time budget."""

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.documents import Finetuning
from graphql_api.engine.advance import granted
from graphql_api.engine.driving import within_budget
from graphql_api.engine.engine import Engine
from graphql_api.errors import FinetuningNotCancellableError, FinetuningNotFoundError
from graphql_api.finetunings.cancel_outcome import CancelOutcome, outcome_of
from graphql_api.store.intent import CancelRequest


async def cancel(finetuning_id: str, *, metadata: object, caller: Caller, engine: Engine) -> Finetuning:
    """Cancel the finetuning and return it: cancelled, or with its true status and the request recorded.

    Raises ``BadUserInputError``, ``FinetuningNotFoundError``, or ``FinetuningNotCancellableError`` if it
    had already succeeded or failed. A provider that does not answer is no error: the intent is durable
    and is carried out as soon as the provider can be reached.
    """
    document_id = inputs.object_id(finetuning_id, name="finetuningId")
    request = CancelRequest(metadata=inputs.metadata(metadata), requested_by=caller.subject)
    token = engine.new_token()
    asking = engine.store.request_cancel(document_id, tenant=caller.tenant, request=request, token=token)
    asked = await granted(engine, asking, token=token)
    settled = asked and await within_budget(engine, asked, token=token, is_under_way=is_being_cancelled)
    outcome = outcome_of(settled)
    engine.metrics.cancels.labels(answer=outcome.value).inc()
    if settled is None:
        raise FinetuningNotFoundError(finetuning_id)
    if outcome is CancelOutcome.NOT_CANCELLABLE:
        raise FinetuningNotCancellableError(settled.id, status=settled.status.value)
    return settled


def is_being_cancelled(finetuning: Finetuning) -> bool:
    """Whether the cancel may still come true shortly: somebody is at it, and the last try did not fail."""
    if finetuning.status.is_terminal or finetuning.cancellation is None:
        return False
    return finetuning.lease is not None or finetuning.faults == 0
