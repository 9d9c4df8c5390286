"""The queries for database connections."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.documents import DbConnection
from graphql_api.schema.arguments import DocumentId, containing, created_within, named, optional
from graphql_api.schema.context import Info
from graphql_api.schema.db_connection.types import DbConnectionType
from graphql_api.schema.pagination import After, Before, Connection, First, Last, Part, listed
from graphql_api.schema.requires import requires
from graphql_api.schema.selection import look_up
from graphql_api.scopes import Scope


@strawberry.input(description="Which database connections to list; all conditions must hold.")
class DbConnectionFilter:
    """The conditions on a listed database connection."""

    alias: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its alias contains this, in upper or lower case; at most 200 characters.",
    )
    dialect: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its dialect is exactly this."
    )
    created_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It was created at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It was created before this time."
    )
    named: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its alias is exactly this, or its id begins with it; at most 200 characters.",
    )

    def parsed(self) -> dict[str, object]:
        """Return the filter of the query; raises ``BadUserInputError``."""
        where = created_within(self.created_from, self.created_before)
        if (name := optional(self.named)) is not None:
            where["$and"] = [named(name)]
        if (alias := optional(self.alias)) is not None:
            where["alias"] = containing(alias, name="alias")
        if (dialect := optional(self.dialect)) is not None:
            where["dialect"] = dialect
        return where


Filter = Annotated[
    DbConnectionFilter | None,
    strawberry.argument(name="filter", description="The conditions; absent lists all."),
]


@strawberry.type
class DbConnectionQuery:
    """The look-ups of database connections."""

    @strawberry.field(
        directives=requires(Scope.GOLDEN_RECORDS_READ),
        graphql_type=DbConnectionType | None,
        description="One database connection; null if not found.",
    )
    async def db_connection(self, info: Info, db_connection_id: DocumentId) -> DbConnection | None:
        """Return the caller's connection."""
        return await look_up(DbConnection, db_connection_id, info=info)

    @strawberry.field(
        directives=requires(Scope.GOLDEN_RECORDS_READ),
        graphql_type=Connection[DbConnectionType],
        description="Database connections, the newest first.",
    )
    async def db_connections(
        self,
        info: Info,
        conditions: Filter = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[DbConnection]:
        """Return a page of the caller's connections."""
        where = conditions.parsed() if conditions else {}
        searches = bool(conditions and (optional(conditions.alias) or optional(conditions.named)))
        return await listed(
            DbConnection, where, info=info, part=Part(first, after, last, before), searches=searches
        )
