"""The queries for golden records."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api import inputs
from graphql_api.documents import GoldenRecord
from graphql_api.schema.arguments import DocumentId, OfDbConnection, containing, created_within, optional
from graphql_api.schema.context import Info
from graphql_api.schema.golden_record.types import GoldenRecordType, SqlCheckMode
from graphql_api.schema.pagination import After, Before, Connection, First, Last, Part, listed
from graphql_api.schema.requires import requires
from graphql_api.schema.selection import look_up
from graphql_api.scopes import Scope


@strawberry.input(description="Which golden records to list; all conditions must hold.")
class GoldenRecordFilter:
    """The conditions on a listed golden record."""

    text: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its question or its SQL contains this, in upper or lower case; at most 200 characters.",
    )
    has_warnings: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it has warnings."
    )
    created_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It was added at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It was added before this time."
    )

    def parsed(self) -> dict[str, object]:
        """Return the filter of the query; raises ``BadUserInputError``."""
        where = created_within(self.created_from, self.created_before)
        if (text := optional(self.text)) is not None:
            condition = containing(text, name="text")
            where["$or"] = [{"prompt_text": condition}, {"sql": condition}]
        if (has_warnings := optional(self.has_warnings)) is not None:
            where["warnings"] = {"$ne": []} if has_warnings else []
        return where


Filter = Annotated[
    GoldenRecordFilter | None,
    strawberry.argument(name="filter", description="The conditions; absent lists all."),
]


@strawberry.type
class GoldenRecordQuery:
    """The look-ups of golden records."""

    @strawberry.field(
        directives=requires(Scope.GOLDEN_RECORDS_READ),
        description="What this server does with a golden record whose SQL is not one query.",
    )
    def sql_check(self, info: Info) -> SqlCheckMode:
        """Return the server's mode."""
        return SqlCheckMode(info.context.services.sql_check.mode)

    @strawberry.field(
        directives=requires(Scope.GOLDEN_RECORDS_READ),
        graphql_type=GoldenRecordType | None,
        description="One golden record; null if not found.",
    )
    async def golden_record(self, info: Info, golden_record_id: DocumentId) -> GoldenRecord | None:
        """Return the caller's golden record."""
        return await look_up(GoldenRecord, golden_record_id, info=info)

    @strawberry.field(
        directives=requires(Scope.GOLDEN_RECORDS_READ),
        graphql_type=Connection[GoldenRecordType],
        description="Golden records, the newest first.",
    )
    async def golden_records(
        self,
        info: Info,
        db_connection_id: OfDbConnection = strawberry.UNSET,
        conditions: Filter = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[GoldenRecord]:
        """Return a page of the caller's golden records."""
        where = conditions.parsed() if conditions else {}
        if (wanted := optional(db_connection_id)) is not None:
            where["db_connection_id"] = inputs.object_id(wanted, name="dbConnectionId")
        searches = bool(conditions and optional(conditions.text) is not None)
        return await listed(
            GoldenRecord, where, info=info, part=Part(first, after, last, before), searches=searches
        )
