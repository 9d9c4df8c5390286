"""Cancels a finetuning: first the intent, then the provider."""

from enum import StrEnum
from functools import partial

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.documents import LIVE, Finetuning, FinetuningStatus
from graphql_api.engine.driving import granted, within_budget
from graphql_api.engine.engine import Engine
from graphql_api.errors import FinetuningNotCancellableError, FinetuningNotFoundError
from graphql_api.store.intent import CancelRequest
from graphql_api.tenancy import TenantScope


class CancelOutcome(StrEnum):
    """The outcome of a cancel; ``WOULD_CANCEL`` is that of a dry run."""

    WOULD_CANCEL = "would_cancel"
    REQUESTED = "requested"
    CANCELLED = "cancelled"
    NOT_CANCELLABLE = "not_cancellable"
    NOT_FOUND = "not_found"


async def cancel(finetuning_id: str, *, metadata: object, caller: Caller, engine: Engine) -> Finetuning:
    """Cancel the finetuning and return it: cancelled, or with its true status and the request recorded.

    Raises ``BadUserInputError``, ``FinetuningNotFoundError``, or ``FinetuningNotCancellableError`` if it
    had already succeeded or failed. A silent provider is no error: the intent is durable, and is carried
    out as soon as the provider can be reached.
    """
    document_id = inputs.object_id(finetuning_id, name="finetuningId")
    request = CancelRequest(metadata=inputs.metadata(metadata), requested_by=caller.subject)
    token = engine.new_token()
    scope = TenantScope.of(caller)
    ask = partial(engine.store.request_cancel, document_id, scope=scope, request=request)
    asked = await granted(engine, ask, token=token)
    settled = asked and await within_budget(engine, asked, token=token, is_under_way=is_being_cancelled)
    outcome = outcome_of(settled)
    engine.metrics.cancels.labels(answer=outcome.value).inc()
    if settled is None:
        raise FinetuningNotFoundError(finetuning_id)
    if outcome is CancelOutcome.NOT_CANCELLABLE:
        raise FinetuningNotCancellableError(settled.id, status=settled.status.value)
    return settled


def is_being_cancelled(finetuning: Finetuning) -> bool:
    """Whether the cancel may be confirmed shortly: its lease is held, or the last try did not fail."""
    if finetuning.status.is_terminal or finetuning.cancellation is None:
        return False
    return finetuning.lease is not None or finetuning.faults == 0


def outcome_of(finetuning: Finetuning | None) -> CancelOutcome:
    """Return the outcome of a cancel by the finetuning's present state; ``None`` is a missing one."""
    if finetuning is None:
        return CancelOutcome.NOT_FOUND
    if finetuning.status in LIVE:
        return CancelOutcome.REQUESTED if finetuning.wanted.stops else CancelOutcome.WOULD_CANCEL
    cancelled = finetuning.status is FinetuningStatus.CANCELLED
    return CancelOutcome.CANCELLED if cancelled else CancelOutcome.NOT_CANCELLABLE
