"""Hints from webhooks: each only makes a finetuning due."""

from graphql_api.documents import AccountKey
from graphql_api.engine.engine import Engine
from graphql_api.providers.port import ProviderHint


async def take_hint(hint: ProviderHint, *, account: AccountKey, engine: Engine) -> bool:
    """Make the finetuning of the account's job due; return whether this delivery is the first of its id.

    The delivery is remembered only after the finetuning is due. A crash in between costs one more look at
    the provider, but never the hint.
    """
    if await engine.deliveries.has(hint.delivery_id):
        return False
    if hint.job_id is not None:
        await engine.upkeep.hint_job(hint.job_id, account=account)
    await engine.deliveries.remember(hint.delivery_id)
    return True
