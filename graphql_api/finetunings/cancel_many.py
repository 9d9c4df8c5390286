"""Requests many cancels by one write, without waiting for the provider."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.documents import Finetuning, ObjectId
from graphql_api.engine.engine import Engine
from graphql_api.errors import BadUserInputError
from graphql_api.finetunings.cancel import CancelOutcome, outcome_of
from graphql_api.store.expressions import Fields
from graphql_api.store.intent import CancelRequest
from graphql_api.store.reads import count_live, find_by_ids, newest_live_ids
from graphql_api.tenancy import TenantScope

MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelResult:
    """The result of one of many cancels; ``finetuning`` is ``None`` if it does not exist."""

    finetuning_id: str
    outcome: CancelOutcome
    finetuning: Finetuning | None


def named(finetuning_ids: Sequence[str]) -> list[ObjectId]:
    """Return the ids without repetitions; raises ``BadUserInputError``."""
    if not 1 <= len(finetuning_ids) <= MOST_AT_ONCE:
        message = f"finetuningIds must have 1 to {MOST_AT_ONCE} entries."
        raise BadUserInputError(message, argument="finetuningIds")
    given = enumerate(finetuning_ids)
    ids = [inputs.object_id(one, name=f"finetuningIds[{index}]") for index, one in given]
    return list(dict.fromkeys(ids))


async def live_matching(where: Fields, *, caller: Caller) -> list[ObjectId]:
    """Return the ids of all matching live finetunings, the newest first.

    Raises ``BadUserInputError`` if there are more than can be cancelled at once.
    """
    scope = TenantScope.of(caller)
    ids = await newest_live_ids(where, scope=scope, most=MOST_AT_ONCE + 1)
    if len(ids) > MOST_AT_ONCE:
        raise BadUserInputError(
            f"The filter matches {await count_live(where, scope=scope)} live finetunings; "
            f"at most {MOST_AT_ONCE} can be cancelled at once.",
            argument="filter",
        )
    return ids


async def cancel_many(
    ids: Sequence[ObjectId], *, metadata: object, dry_run: bool, caller: Caller, engine: Engine
) -> list[CancelResult]:
    """Record a cancel of each of these, without waiting for the provider, and return one result for each.

    A returned result is durable. If this process ends before it returns, all requests are recorded or none
    is. If MongoDB ends or exceeds its time limit, only some may be. Asking again is safe and records the
    rest. With ``dry_run`` nothing is recorded. Raises ``BadUserInputError``.
    """
    request, scope = (
        CancelRequest(metadata=inputs.metadata(metadata), requested_by=caller.subject),
        TenantScope.of(caller),
    )
    if not dry_run:
        await engine.upkeep.request_cancels(ids, scope=scope, request=request)
    found = await find_by_ids(Finetuning, ids, scope=scope)
    results = [
        CancelResult(finetuning_id=str(one), outcome=outcome_of(found.get(one)), finetuning=found.get(one))
        for one in ids
    ]
    if not dry_run:
        engine.upkeep.noted(found.values())
        for result in results:
            engine.metrics.cancels.labels(answer=result.outcome.value).inc()
    return results
