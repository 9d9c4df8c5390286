"""Database connections in the schema: the type, its look-ups, and creating one."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from graphql_api.documents import DEFAULT_PAGE, DbConnection
from graphql_api.finetunings import inputs
from graphql_api.finetunings.catalogue import NewDbConnection, create_db_connection
from graphql_api.schema.arguments import METADATA_RULES, DocumentId, optional
from graphql_api.schema.context import Info
from graphql_api.schema.pagination import After, Connection, First, newest


@strawberry.type(
    name="DbConnection", description="A database that questions are asked about: its dialect and its tables."
)
class DbConnectionType:
    """The fields that clients see of a database connection."""

    id: strawberry.ID = strawberry.field(description="The connection's id.")
    alias: str = strawberry.field(description="The name people know it by.")
    dialect: str = strawberry.field(description="The SQL dialect, such as `postgres`.")
    table_schemas: list[str] = strawberry.field(
        description="The tables as DDL text; the model is shown them with every question."
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    metadata: JSON | None = strawberry.field(description="A map of strings to strings that came with it.")


@strawberry.input(description="A database connection to create.")
class CreateDbConnectionInput:
    """A database connection as a client describes it."""

    alias: str = strawberry.field(description="The name people know it by.")
    dialect: str = strawberry.field(description="The SQL dialect, such as `postgres`.")
    table_schemas: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="The tables as DDL text, one statement each."
    )
    metadata: JSON | None = strawberry.field(default=strawberry.UNSET, description=METADATA_RULES)

    def parsed(self) -> NewDbConnection:
        """Return what the use case takes."""
        tables = optional(self.table_schemas)
        return NewDbConnection(
            alias=self.alias,
            dialect=self.dialect,
            table_schemas=tables or (),
            metadata=optional(self.metadata),
        )


NewConnection = Annotated[
    CreateDbConnectionInput, strawberry.argument(description="What the database is like.")
]


@strawberry.type
class DbConnectionQuery:
    """The look-ups of database connections."""

    @strawberry.field(
        graphql_type=DbConnectionType | None,
        description="One database connection; null if there is none such.",
    )
    async def db_connection(self, info: Info, db_connection_id: DocumentId) -> DbConnection | None:
        """Return the caller's connection."""
        document_id = inputs.object_id(db_connection_id, name="id")
        return await DbConnection.find_one({"_id": document_id, "tenant": info.context.caller.tenant})

    @strawberry.field(
        graphql_type=Connection[DbConnectionType], description="Database connections, the newest first."
    )
    async def db_connections(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = strawberry.UNSET
    ) -> Connection[DbConnection]:
        """Return a page of the caller's connections."""
        where = {"tenant": info.context.caller.tenant}
        return await newest(DbConnection, where, first=first, after=after)


@strawberry.type
class DbConnectionMutation:
    """The changes to database connections."""

    @strawberry.mutation(graphql_type=DbConnectionType, description="Create a database connection.")
    async def create_db_connection(self, info: Info, input: NewConnection) -> DbConnection:  # noqa: A002  the argument's name in the schema
        """Store the connection and return it."""
        return await create_db_connection(input.parsed(), caller=info.context.caller)
