"""Holds a new finetuning to its tenant's quotas, which bound the money that a tenant can spend."""

from graphql_api.access.errors import QuotaExceededError
from graphql_api.documents import Finetuning
from graphql_api.store.quotas import Quota, QuotaStore
from graphql_api.tenancy import TenantScope

NAMES = {Quota.LIVE: "live finetunings", Quota.CREATES: "creations a day"}


async def take_quota(finetuning: Finetuning, *, quotas: QuotaStore | None) -> None:
    """Count the finetuning just before it is stored; else raises ``QuotaExceededError``."""
    if quotas is None:
        return
    key = None if finetuning.idempotency is None else finetuning.idempotency.key
    used_up = await quotas.take(finetuning.id, scope=TenantScope.of(finetuning), idempotency_key=key)
    if used_up is not None:
        raise QuotaExceededError(NAMES[used_up.quota], limit=used_up.limit, free_at=used_up.free_at)
