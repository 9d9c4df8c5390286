"""Makes the callers' budgets and the tenants' quotas of the settings."""

from typing import Any

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.caller import Caller
from graphql_api.catalogue.frozen_file import FrozenFile
from graphql_api.composition.setting_types import OFF
from graphql_api.composition.settings import Settings
from graphql_api.documents import Finetuning
from graphql_api.http.rest import Cancel
from graphql_api.http.training_file import FindFile
from graphql_api.rate_limits import Budget, Counts
from graphql_api.store.database import Database, reserved
from graphql_api.store.quotas import QuotaLimits, QuotaStore
from graphql_api.store.shared_counts import SharedCounts

REST_OBJECTS = 20
"""The price of a call over REST: about that of a cancel's answer in GraphQL."""

FILE_BYTES_AN_OBJECT = 2_000
"""The bytes of a training file for the price of one object: about the same time of a processor."""


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
        await budgets.take(caller, REST_OBJECTS, cancels_alone=True)
        return await cancel(finetuning_id, metadata=metadata, caller=caller)

    return paid_cancel


def paid_file(find_file: FindFile, budgets: Budgets, *, most: int) -> FindFile:
    """Return the look-up of a training file with its price: by its size, and ``most`` for the largest."""

    async def paid_find(finetuning_id: str, *, caller: Caller) -> FrozenFile:
        await budgets.take(caller, REST_OBJECTS)
        file = await find_file(finetuning_id, caller=caller)
        price = REST_OBJECTS + file.dataset.size_bytes // FILE_BYTES_AN_OBJECT
        await budgets.take(caller, max(0, min(most, price) - REST_OBJECTS))
        return file

    return paid_find
