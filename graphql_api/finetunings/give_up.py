"""Gives up a stuck finetuning by a person's decision."""

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.engine.engine import Engine
from graphql_api.errors import (
    FinetuningNotCancellableError,
    FinetuningNotFoundError,
    FinetuningNotStuckError,
)
from graphql_api.store.giving_up import GivingUp
from graphql_api.tenancy import TenantScope

LONGEST_REASON = 512


async def give_up(finetuning_id: str, *, reason: object, caller: Caller, engine: Engine) -> Finetuning:
    """Close the finetuning without the provider and return it; a cancelled one stays as it is.

    The sweep stops its job, if there is one, as soon as the provider answers again. Raises
    ``BadUserInputError``, ``FinetuningNotFoundError``, ``FinetuningNotStuckError`` if no stop is wanted and
    it has no fault, or ``FinetuningNotCancellableError`` if it has succeeded or failed.
    """
    document_id, scope = inputs.object_id(finetuning_id, name="finetuningId"), TenantScope.of(caller)
    stripped = reason.strip() if isinstance(reason, str) else reason
    why = inputs.text(stripped, name="reason", longest=LONGEST_REASON)
    giving_up = GivingUp(reason=why, given_up_by=caller.subject)
    given_up = await engine.store.give_up(document_id, scope=scope, giving_up=giving_up)
    if given_up is not None:
        return given_up
    current = await engine.store.find(document_id, scope=scope)
    if current is None:
        raise FinetuningNotFoundError(finetuning_id)
    if current.status is FinetuningStatus.CANCELLED:
        return current
    if current.status.is_terminal:
        raise FinetuningNotCancellableError(current.id, status=current.status.value)
    raise FinetuningNotStuckError(current.id, status=current.status.value)
