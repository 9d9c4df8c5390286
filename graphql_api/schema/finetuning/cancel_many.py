"""The cancel of many finetunings in the schema."""

from typing import Annotated, cast

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graphql_api.errors import BadUserInputError
from graphql_api.finetunings.cancel import CancelOutcome
from graphql_api.finetunings.cancel_many import MOST_AT_ONCE, CancelResult, cancel_many, live_matching, named
from graphql_api.schema.arguments import given, optional
from graphql_api.schema.context import Info
from graphql_api.schema.enums import described_enum
from graphql_api.schema.finetuning.inputs import CancelMetadata, FinetuningFilter
from graphql_api.schema.finetuning.types import FinetuningType
from graphql_api.schema.requires import requires
from graphql_api.scopes import Scope

described_enum(
    CancelOutcome,
    description="The outcome of one of many cancels.",
    values={
        CancelOutcome.WOULD_CANCEL: "It can be cancelled; this dry run changed nothing.",
        CancelOutcome.REQUESTED: "The request is durable and in progress; the provider may still train.",
        CancelOutcome.CANCELLED: "It is cancelled, by this request or an earlier one.",
        CancelOutcome.NOT_CANCELLABLE: "It has already succeeded or failed.",
        CancelOutcome.NOT_FOUND: "No finetuning has this id.",
    },
)


@strawberry.type(description="The result for one finetuning.")
class CancelFinetuningResult:
    """One of the mutation's results."""

    finetuning_id: strawberry.ID = strawberry.field(description="The id in the request, or of a match.")
    outcome: CancelOutcome = strawberry.field(description="The outcome of its cancel.")
    finetuning: FinetuningType | None = strawberry.field(
        description="The finetuning as it is now; null if not found."
    )


@strawberry.type(description="The outcome of a request to cancel many finetunings.")
class CancelFinetuningsPayload:
    """The answer of the mutation."""

    is_dry_run: bool = strawberry.field(description="Whether this was a dry run, without changes.")
    count: int = strawberry.field(
        description="How many are cancelled or being cancelled; in a dry run, how many it would cancel."
    )
    results: list[CancelFinetuningResult] = strawberry.field(description="One result for each finetuning.")


FinetuningIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description=f"The ids, at most {MOST_AT_ONCE}. Give either this or `filter`."),
]
LiveFilter = Annotated[
    FinetuningFilter | None,
    strawberry.argument(
        name="filter",
        description="Selects every match that has not ended; more than "
        f"{MOST_AT_ONCE} are an error. The filter needs a condition, and no condition may be null: a missing "
        "variable must not select all. For all, name the statuses. `named` is refused: the start of an id "
        "may select too many.",
    ),
]
DryRun = Annotated[
    bool, strawberry.argument(description="Only report the finetunings it would cancel and their number.")
]


@strawberry.type
class BulkCancellationMutation:
    """The cancel of many finetunings."""

    @strawberry.mutation(
        directives=requires(Scope.FINETUNINGS_CANCEL),
        description="Cancel many finetunings. One write records all requests; they are durable when this "
        "answers. It does not wait for the provider: the server carries out REQUESTED cancels in the "
        "background, and `finetuningUpdated` reports their progress. Asking again is safe. After an "
        "unanswered call, ask again to record the missing requests.",
    )
    async def cancel_finetunings(
        self,
        info: Info,
        finetuning_ids: FinetuningIds = strawberry.UNSET,
        conditions: LiveFilter = strawberry.UNSET,
        metadata: CancelMetadata = strawberry.UNSET,
        dry_run: DryRun = False,  # noqa: FBT002  the argument's default in the schema
    ) -> CancelFinetuningsPayload:
        """Record the requests, wake the worker, and return each outcome."""
        ids, matching = optional(finetuning_ids), optional(conditions)
        if (ids is None) == (matching is None):
            raise BadUserInputError("Give either finetuningIds or filter.", argument="finetuningIds")
        services, caller = info.context.services, info.context.caller
        if matching is not None:
            chosen = await live_matching(_conditions(matching), caller=caller)
        else:
            chosen = named(ids or [])
        results = await cancel_many(
            chosen, metadata=optional(metadata), dry_run=dry_run, caller=caller, engine=services.engine
        )
        services.wake_worker()
        return _payload(results, dry_run=dry_run)


def _conditions(matching: FinetuningFilter) -> dict[str, object]:
    """Return the filter; raises ``BadUserInputError`` if it might match more than intended."""
    for name, value in given(matching).items():
        if value is None:
            argument = f"filter.{to_camel_case(name)}"
            raise BadUserInputError(f"{argument} must not be null: it would match all.", argument=argument)
    if optional(matching.named) is not None:  # the start of an id is that of a day's ids
        raise BadUserInputError(
            "filter.named may select too many. Give finetuningIds.", argument="filter.named"
        )
    conditions = matching.parsed()
    if not conditions:
        raise BadUserInputError(
            "filter must have a condition. For all finetunings, name the statuses.", argument="filter"
        )
    return conditions


def _payload(results: list[CancelResult], *, dry_run: bool) -> CancelFinetuningsPayload:
    in_vain = {CancelOutcome.NOT_CANCELLABLE, CancelOutcome.NOT_FOUND}
    return CancelFinetuningsPayload(
        is_dry_run=dry_run,
        count=sum(result.outcome not in in_vain for result in results),
        results=cast("list[CancelFinetuningResult]", results),  # their attributes are read, not their class
    )
