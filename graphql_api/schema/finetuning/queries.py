"""The queries for finetunings."""

import strawberry

from graphql_api.documents import Finetuning
from graphql_api.schema.arguments import DocumentId, optional
from graphql_api.schema.context import Info
from graphql_api.schema.finetuning.inputs import Filter, OrderBy
from graphql_api.schema.finetuning.types import FinetuningType
from graphql_api.schema.pagination import After, Before, Connection, First, Last, Part, listed
from graphql_api.schema.requires import requires
from graphql_api.schema.selection import look_up
from graphql_api.scopes import Scope


@strawberry.type
class FinetuningQuery:
    """The look-ups of finetunings; they read MongoDB and never ask the provider."""

    @strawberry.field(
        directives=requires(Scope.FINETUNINGS_READ),
        graphql_type=FinetuningType | None,
        description="One finetuning; null if not found.",
    )
    async def finetuning(self, info: Info, finetuning_id: DocumentId) -> Finetuning | None:
        """Return the caller's finetuning."""
        return await look_up(Finetuning, finetuning_id, info=info)

    @strawberry.field(
        directives=requires(Scope.FINETUNINGS_READ),
        graphql_type=Connection[FinetuningType],
        description="Finetunings, the newest first unless ordered otherwise.",
    )
    async def finetunings(
        self,
        info: Info,
        conditions: Filter = strawberry.UNSET,
        order_by: OrderBy = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[Finetuning]:
        """Return a page of the caller's finetunings."""
        order = asked.parsed() if (asked := optional(order_by)) else None
        searches = bool(conditions and conditions.searches)
        return await listed(
            Finetuning,
            conditions.parsed() if conditions else {},
            info=info,
            part=Part(first, after, last, before),
            order=order,
            searches=searches,
            index=conditions.index if conditions and (asked is None or not asked.is_by_end) else None,
        )
