"""The queries for provider accounts."""

import strawberry

from graphql_api.documents import ProviderAccount
from graphql_api.schema.arguments import DocumentId
from graphql_api.schema.context import Info
from graphql_api.schema.pagination import After, Before, Connection, First, Last, Part, listed
from graphql_api.schema.provider_account.types import ProviderAccountType
from graphql_api.schema.requires import requires
from graphql_api.schema.selection import look_up
from graphql_api.scopes import Scope


@strawberry.type
class ProviderAccountQuery:
    """The look-ups of provider accounts."""

    @strawberry.field(
        directives=requires(Scope.FINETUNINGS_READ),
        graphql_type=ProviderAccountType | None,
        description="One provider account; null if not found.",
    )
    async def provider_account(self, info: Info, account_id: DocumentId) -> ProviderAccount | None:
        """Return the caller's account."""
        return await look_up(ProviderAccount, account_id, info=info)

    @strawberry.field(
        directives=requires(Scope.FINETUNINGS_READ),
        graphql_type=Connection[ProviderAccountType],
        description="The tenant's provider accounts, the newest first. The server's own is not among them.",
    )
    async def provider_accounts(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[ProviderAccount]:
        """Return a page of the caller's accounts."""
        return await listed(ProviderAccount, {}, info=info, part=Part(first, after, last, before))
