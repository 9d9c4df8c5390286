"""Database connections in the schema."""

from datetime import datetime
from typing import ClassVar

import strawberry

from graphql_api.documents import DbConnection
from graphql_api.schema.node.types import NodeType
from graphql_api.schema.scalars import StringMap


@strawberry.type(
    name="DbConnection", description="A database to ask questions about: its dialect and its tables."
)
class DbConnectionType(NodeType):
    """The public fields of a database connection."""

    shows: ClassVar = DbConnection

    id: strawberry.ID = strawberry.field(description="The connection's id.")
    alias: str = strawberry.field(description="The name people know it by.")
    dialect: str = strawberry.field(description="The SQL dialect, such as `postgres`.")
    table_schemas: list[str] = strawberry.field(
        description="The tables as DDL text; the model sees them with every question."
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(
        description="When it last changed; at first, when it was created."
    )
    metadata: StringMap | None = strawberry.field(description="A map of strings to strings kept with it.")
