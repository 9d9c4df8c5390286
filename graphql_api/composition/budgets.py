"""Makes the callers' budgets and the tenants' quotas of the settings."""

from collections.abc import Awaitable, Callable
from typing import Any

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.caller import Caller
from graphql_api.composition.setting_types import OFF
from graphql_api.composition.settings import Settings
from graphql_api.documents import Finetuning
from graphql_api.rate_limits import Budget, Counts
from graphql_api.store.database import Database, reserved
from graphql_api.store.quotas import QuotaLimits, QuotaStore
from graphql_api.store.shared_counts import SharedCounts

REST_CANCEL_OBJECTS = 20
"""The price of a cancel over REST: about that of the same answer in GraphQL."""

Cancel = Callable[..., Awaitable[Finetuning]]


async def budgets_of(settings: Settings, database: Database) -> Budgets:
    """Return the budgets, counted in MongoDB if several servers share them."""
    if settings.rate_limit == OFF:
        return UNLIMITED
    counts = Counts() if settings.rate_limit_store == "memory" else await SharedCounts.opened(database)
    cancels = settings.rate_limit_cancels
    return Budgets(
        objects=Budget.of(settings.rate_limit, counts, kind="objects"),
        cancels=None if cancels == OFF else Budget.of(cancels, counts, kind="cancels"),
    )


def quotas_of(settings: Settings, database: Database) -> QuotaStore | None:
    """Return the tenants' quotas, if there is one."""
    limits = QuotaLimits(live=settings.quota_live_finetunings, creates_a_day=settings.quota_creates_per_day)
    return None if limits == QuotaLimits() else QuotaStore(reserved(database), limits)


def paid(cancel: Cancel, budgets: Budgets) -> Cancel:
    """Return the cancel of one finetuning that first takes its price from the caller's budget."""

    async def paid_cancel(finetuning_id: str, *, metadata: Any, caller: Caller) -> Finetuning:
        await budgets.take(caller, REST_CANCEL_OBJECTS, cancels_alone=True)
        return await cancel(finetuning_id, metadata=metadata, caller=caller)

    return paid_cancel
