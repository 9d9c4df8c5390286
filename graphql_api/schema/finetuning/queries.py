"""The queries for finetunings."""

import strawberry

from graphql_api.documents import DEFAULT_PAGE, Finetuning
from graphql_api.schema.arguments import DocumentId, optional
from graphql_api.schema.context import Info
from graphql_api.schema.finetuning.inputs import Filter
from graphql_api.schema.finetuning.types import FinetuningType
from graphql_api.schema.pagination import After, Connection, First, newest
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
        description="Finetunings, the newest first.",
    )
    async def finetunings(
        self,
        info: Info,
        conditions: Filter = strawberry.UNSET,
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
    ) -> Connection[Finetuning]:
        """Return a page of the caller's finetunings."""
        where = conditions.parsed() if conditions else {}
        searches = bool(conditions and optional(conditions.named))
        return await newest(Finetuning, where, info=info, first=first, after=after, searches=searches)
