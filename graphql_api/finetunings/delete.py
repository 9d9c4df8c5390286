"""Deletes a finetuning: cancels it first, hides it last."""

from functools import partial

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.documents import Finetuning
from graphql_api.engine.driving import granted, within_budget
from graphql_api.engine.engine import Engine
from graphql_api.errors import FinetuningNotFoundError
from graphql_api.finetunings.cancel import is_being_cancelled
from graphql_api.tenancy import TenantScope


async def delete(finetuning_id: str, *, caller: Caller, engine: Engine) -> Finetuning:
    """Delete the finetuning and return it; ``deletion.deleted_at`` is set if it is already gone.

    Before that, the request is durable and the work goes on, and the finetuning stays visible with its true
    status. Raises ``BadUserInputError`` or ``FinetuningNotFoundError``.
    """
    document_id = inputs.object_id(finetuning_id, name="finetuningId")
    token = engine.new_token()
    scope = TenantScope.of(caller)
    ask = partial(engine.store.request_delete, document_id, scope=scope, requested_by=caller.subject)
    asked = await granted(engine, ask, token=token)
    if asked is None:
        raise FinetuningNotFoundError(finetuning_id)
    return await within_budget(engine, asked, token=token, is_under_way=_is_under_way)


def _is_under_way(finetuning: Finetuning) -> bool:
    """Whether it may be gone shortly: its lease is held, or the last try did not fail."""
    if finetuning.deletion is None or finetuning.deletion.deleted_at is not None:
        return False
    if not finetuning.status.is_terminal:
        return is_being_cancelled(finetuning)
    return finetuning.lease is not None or finetuning.faults == 0
