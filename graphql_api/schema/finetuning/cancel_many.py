"""Cancelling many finetunings at once in the schema."""

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

described_enum(
    CancelOutcome,
    description="What came of one of many cancels.",
    values={
        CancelOutcome.WOULD_CANCEL: "Nothing was done: this was a dry run, and it can be cancelled.",
        CancelOutcome.REQUESTED: "Recorded for good and being worked on; the provider may still train.",
        CancelOutcome.CANCELLED: "It is cancelled, by this request or an earlier one.",
        CancelOutcome.NOT_CANCELLABLE: "It has already succeeded or failed.",
        CancelOutcome.NOT_FOUND: "There is none such.",
    },
)


@strawberry.type(description="What came of the cancel of one finetuning.")
class CancelFinetuningResult:
    """One of the mutation's results."""

    finetuning_id: strawberry.ID = strawberry.field(description="The finetuning that was to be cancelled.")
    outcome: CancelOutcome = strawberry.field(description="What came of it.")
    finetuning: FinetuningType | None = strawberry.field(
        description="The finetuning as it is now; null if there is none such."
    )


@strawberry.type(description="What came of a request to cancel many finetunings.")
class CancelFinetuningsPayload:
    """The answer of the mutation."""

    is_dry_run: bool = strawberry.field(description="Whether nothing was done but to say what would be.")
    count: int = strawberry.field(description="How many are cancelled, will be or, in a dry run, would be.")
    results: list[CancelFinetuningResult] = strawberry.field(description="One for each finetuning.")


FinetuningIds = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description=f"These, at most {MOST_AT_ONCE}. Either this or `filter` is given."),
]
LiveFilter = Annotated[
    FinetuningFilter | None,
    strawberry.argument(
        name="filter",
        description="Every one that matches and has not ended; it is an error if they are more than "
        f"{MOST_AT_ONCE}. It needs a condition, and none may be null: a variable that was left out must not "
        "mean all. For all, name the statuses.",
    ),
]
DryRun = Annotated[
    bool, strawberry.argument(description="Only say which would be cancelled, and how many they are.")
]


@strawberry.type
class BulkCancellationMutation:
    """The cancel of many finetunings."""

    @strawberry.mutation(
        description="Cancel many finetunings. All requests are recorded by one write and are durable once "
        "this answers; it does not wait for the provider: what is REQUESTED is carried out in the "
        "background, and `finetuningUpdated` tells how it goes. Asking again is safe and records what an "
        "unanswered call may have left out."
    )
    async def cancel_finetunings(
        self,
        info: Info,
        finetuning_ids: FinetuningIds = strawberry.UNSET,
        conditions: LiveFilter = strawberry.UNSET,
        metadata: CancelMetadata = strawberry.UNSET,
        dry_run: DryRun = False,  # noqa: FBT002  the argument's default in the schema
    ) -> CancelFinetuningsPayload:
        """Record the requests, let the worker begin, and say what came of each."""
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
    """Return the filter, unless more than was meant might match: raises ``BadUserInputError`` then."""
    for name, value in given(matching).items():
        if value is None:
            argument = f"filter.{to_camel_case(name)}"
            raise BadUserInputError(f"{argument} must not be null: it would match all.", argument=argument)
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
