"""The mutations of database connections."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.catalogue.db_connections import (
    NewDbConnection,
    create_db_connection,
    delete_db_connection,
    update_db_connection,
)
from graphql_api.documents import DbConnection
from graphql_api.schema.arguments import METADATA_RULES, DbConnectionId, given, optional
from graphql_api.schema.context import Info
from graphql_api.schema.db_connection.types import DbConnectionType
from graphql_api.schema.requires import requires
from graphql_api.schema.scalars import StringMap
from graphql_api.scopes import Scope


@strawberry.input(description="A database connection to create.")
class CreateDbConnectionInput:
    """The client's new database connection."""

    alias: str = strawberry.field(description="The name people know it by.")
    dialect: str = strawberry.field(description="The SQL dialect, such as `postgres`.")
    table_schemas: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The tables as DDL text, one statement each. Every training example repeats them all.",
    )
    metadata: StringMap | None = strawberry.field(default=strawberry.UNSET, description=METADATA_RULES)

    def parsed(self) -> NewDbConnection:
        """Return the input of the use case."""
        tables = optional(self.table_schemas)
        return NewDbConnection(
            alias=self.alias,
            dialect=self.dialect,
            table_schemas=tables or (),
            metadata=optional(self.metadata),
        )


@strawberry.input(description="Changes to a database connection; absent fields stay as they are.")
class UpdateDbConnectionInput:
    """The new values."""

    alias: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name people know it by; not null."
    )
    dialect: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The SQL dialect; not null. Existing golden records are not checked again.",
    )
    table_schemas: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The tables as DDL text, one statement each. "
        "They replace the old tables; null removes them.",
    )
    metadata: StringMap | None = strawberry.field(
        default=strawberry.UNSET, description=METADATA_RULES + " It replaces the old map; null removes it."
    )


@strawberry.type(description="The outcome of the deletion of a database connection.")
class DeleteDbConnectionPayload:
    """The answer of the mutation."""

    db_connection_id: strawberry.ID = strawberry.field(description="The deleted connection.")
    deleted_at: datetime = strawberry.field(
        description="When it was deleted. For thirty days, asking again gives the same answer."
    )


NewConnection = Annotated[CreateDbConnectionInput, strawberry.argument(description="The new connection.")]
Changes = Annotated[UpdateDbConnectionInput, strawberry.argument(description="The changes.")]


@strawberry.type
class DbConnectionMutation:
    """The changes to database connections."""

    @strawberry.mutation(
        directives=requires(Scope.GOLDEN_RECORDS_WRITE),
        graphql_type=DbConnectionType,
        description="Create a database connection.",
    )
    async def create_db_connection(self, info: Info, input: NewConnection) -> DbConnection:  # noqa: A002  the argument's name in the schema
        """Store the connection and return it."""
        return await create_db_connection(input.parsed(), caller=info.context.caller)

    @strawberry.mutation(
        directives=requires(Scope.GOLDEN_RECORDS_WRITE),
        graphql_type=DbConnectionType,
        description="Change a database connection. "
        "A finetuning with an uploaded training file keeps the old values.",
    )
    async def update_db_connection(
        self,
        info: Info,
        db_connection_id: DbConnectionId,
        input: Changes,  # noqa: A002  the argument's name in the schema
    ) -> DbConnection:
        """Set the given fields and return the connection."""
        return await update_db_connection(db_connection_id, given(input), caller=info.context.caller)

    @strawberry.mutation(
        directives=requires(Scope.GOLDEN_RECORDS_WRITE),
        description="Delete a database connection with all its golden records. Refused with "
        "DB_CONNECTION_IN_USE if a finetuning from it has not ended. Asking again is safe.",
    )
    async def delete_db_connection(
        self, info: Info, db_connection_id: DbConnectionId
    ) -> DeleteDbConnectionPayload:
        """Delete the connection and return the time."""
        deleted_at = await delete_db_connection(db_connection_id, caller=info.context.caller)
        return DeleteDbConnectionPayload(db_connection_id=db_connection_id, deleted_at=deleted_at)
