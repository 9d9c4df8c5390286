"""Hints from webhooks: each only makes a finetuning due."""

from graphql_api.engine.engine import Engine
from graphql_api.providers.port import ProviderHint
from graphql_api.store.expressions import one_of


async def take_hint(hint: ProviderHint, *, engine: Engine) -> bool:
    """Make the job's finetuning due; return whether this delivery is the first of its id.

    The delivery is remembered only after the finetuning is due. A crash in between costs one more look at
    the provider, but never the hint.
    """
    if await engine.deliveries.has(hint.delivery_id):
        return False
    if hint.job_id is not None:
        await engine.upkeep.hint({"finetuning_job_id": one_of([hint.job_id])})
    await engine.deliveries.remember(hint.delivery_id)
    return True
