"""The queries for finetunings."""

import strawberry

from graphql_api import inputs
from graphql_api.documents import DEFAULT_PAGE, Finetuning
from graphql_api.schema.arguments import DocumentId
from graphql_api.schema.context import Info
from graphql_api.schema.finetuning.inputs import Filter
from graphql_api.schema.finetuning.types import FinetuningType
from graphql_api.schema.pagination import After, Connection, First, newest
from graphql_api.schema.requires import requires
from graphql_api.schema.selection import of_field, unasked
from graphql_api.scopes import Scope
from graphql_api.store import reads
from graphql_api.tenancy import TenantScope


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
        document_id = inputs.object_id(finetuning_id, name="id")
        scope = TenantScope.of(info.context.caller)
        without = unasked(Finetuning, of_field(info))
        return await reads.find(Finetuning, document_id, scope=scope, without=without)

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
        return await newest(Finetuning, where, info=info, first=first, after=after)
