"""The queries for the caller and its tenant's API keys."""

import strawberry

from graphql_api.documents import ApiKey
from graphql_api.schema.access.types import ApiKeyType, ViewerType
from graphql_api.schema.context import Info
from graphql_api.schema.pagination import After, Before, Connection, First, Last, Part, listed
from graphql_api.schema.requires import requires
from graphql_api.scopes import Scope


@strawberry.type
class AccessQuery:
    """The look-ups of callers and keys."""

    @strawberry.field(directives=requires(), description="The caller of this request.")
    def viewer(self, info: Info) -> ViewerType:
        """Return the caller."""
        caller = info.context.caller
        return ViewerType(
            tenant=caller.tenant,
            subject=caller.subject,
            scopes=sorted(caller.scopes),
            expires_at=caller.expires_at,
        )

    @strawberry.field(
        directives=requires(Scope.ADMIN),
        graphql_type=Connection[ApiKeyType],
        description="The tenant's API keys, the newest first, ended ones included.",
    )
    async def api_keys(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[ApiKey]:
        """Return a page of the tenant's keys."""
        return await listed(ApiKey, {}, info=info, part=Part(first, after, last, before))
