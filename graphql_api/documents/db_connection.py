"""The database connection document: the schema that golden records ask questions about."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel


class DbConnection(Document):
    """A database to be asked in natural language; ``table_schemas`` are its tables as DDL text."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    tenant: str
    alias: str
    dialect: str
    table_schemas: list[str] = Field(default_factory=list)
    created_at: datetime
    metadata: dict[str, str] | None = None

    class Settings:
        """Where the documents live and how they are found."""

        name = "db_connections"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            )
        ]
