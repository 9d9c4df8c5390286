"""The database connection document: the schema that golden records ask questions about."""

from typing import Any, ClassVar

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.paging import DatedDocument


class DbConnection(DatedDocument):
    """A database to be asked in natural language; ``table_schemas`` are its tables as DDL text."""

    tenant: str
    alias: str
    dialect: str
    table_schemas: list[str] = Field(default_factory=list)
    metadata: dict[str, str] | None = None

    class Settings:
        """Where the documents live and how they are found."""

        name = "db_connections"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            )
        ]
