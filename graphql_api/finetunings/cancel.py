"""Cancelling a finetuning: record that it is wanted, then see it through within the caller's time budget."""

from graphql_api.caller import Caller
from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.errors import FinetuningNotCancellableError, FinetuningNotFoundError
from graphql_api.finetunings import inputs
from graphql_api.finetunings.advance import settle, take_over
from graphql_api.finetunings.engine import Engine
from graphql_api.finetunings.intent import CancelRequest

FIRST_LOOK_S = 0.02
LONGEST_LOOK_S = 0.25
SHORTEST_TURN_S = 1.0
"""With less time left it is not worth asking the provider, only to call it silent."""


async def cancel(finetuning_id: str, *, metadata: object, caller: Caller, engine: Engine) -> Finetuning:
    """Cancel the finetuning and return it: cancelled, or with its true status and the request recorded.

    Raises ``BadUserInputError``, ``FinetuningNotFoundError``, or ``FinetuningNotCancellableError`` if it
    had already succeeded or failed. A provider that does not answer is no error: the intent is durable
    and is carried out as soon as the provider can be reached.
    """
    document_id = inputs.object_id(finetuning_id, name="finetuningId")
    request = CancelRequest(metadata=inputs.metadata(metadata), requested_by=caller.subject)
    token = engine.new_token()
    asked = await engine.store.request_cancel(document_id, tenant=caller.tenant, request=request, token=token)
    if asked is None:
        raise FinetuningNotFoundError(finetuning_id)
    settled = await _within_budget(engine, asked, token=token)
    if settled.status in {FinetuningStatus.SUCCEEDED, FinetuningStatus.FAILED}:
        raise FinetuningNotCancellableError(settled.id, status=settled.status.value)
    return settled


async def _within_budget(engine: Engine, asked: Finetuning, *, token: str) -> Finetuning:
    """Drive the cancel, or wait for whoever is driving it, until it ends, fails for now, or time is up."""
    budget_s = engine.timing.cancel_budget_s
    deadline = engine.monotonic() + budget_s
    latest = await settle(engine, asked, token=token, limit_s=budget_s)
    look_s = FIRST_LOOK_S
    while _is_under_way(latest) and engine.monotonic() + look_s < deadline:
        await engine.sleep(look_s)
        left_s = deadline - engine.monotonic()
        if left_s < SHORTEST_TURN_S:
            latest = await engine.store.read(latest.id) or latest
        else:
            latest = await take_over(engine, latest.id, limit_s=left_s) or latest
        look_s = min(look_s * 2, LONGEST_LOOK_S)
    return latest


def _is_under_way(finetuning: Finetuning) -> bool:
    """Whether the cancel may still come true shortly: somebody is at it, and the last try did not fail."""
    if finetuning.status.is_terminal or finetuning.cancellation is None:
        return False
    return finetuning.lease is not None or finetuning.cancellation.last_error is None
