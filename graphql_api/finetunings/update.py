"""Updates a finetuning's alias and metadata."""

from collections.abc import Callable, Mapping

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.documents import Finetuning
from graphql_api.engine.engine import Engine
from graphql_api.errors import FinetuningNotFoundError
from graphql_api.tenancy import TenantScope

CHECKS: dict[str, Callable[[object], object]] = {"alias": inputs.alias, "metadata": inputs.metadata}
"""The changeable fields, each with the check from a client's value to the stored one."""


async def update(
    finetuning_id: str, given: Mapping[str, object], *, caller: Caller, engine: Engine
) -> Finetuning:
    """Set the given fields, leave the others, and return the finetuning.

    The training and its progress stay as they are, so this is possible in every state. Raises
    ``BadUserInputError`` or ``FinetuningNotFoundError``.
    """
    document_id, scope = inputs.object_id(finetuning_id, name="finetuningId"), TenantScope.of(caller)
    fields = {name: CHECKS[name](value) for name, value in given.items()}
    if fields:
        updated = await engine.store.update(
            document_id, scope=scope, fields=fields, updated_by=caller.subject
        )
    else:
        updated = await engine.store.find(document_id, scope=scope)
    if updated is None:
        raise FinetuningNotFoundError(finetuning_id)
    return updated
