"""The database connection document: the schema behind golden records."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.catalogue import CatalogueDocument, Tombstone
from graphql_api.documents.cursors import Listing


class DbConnection(CatalogueDocument):
    """A database for questions in natural language; ``table_schemas`` are its tables as DDL text.

    ``deletion_token`` names a deletion under way. During that time nothing new is based on the connection.
    At ``deletion_expires_at`` the mark ends, in case the deletion broke off.
    """

    listing: ClassVar[Listing] = Listing.DB_CONNECTIONS

    alias: str
    dialect: str
    table_schemas: list[str] = Field(default_factory=list)
    deletion_token: str | None = None
    deletion_expires_at: datetime | None = None

    class Settings:
        """The collection and its indexes."""

        name = "db_connections"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            ),
            Tombstone.INDEX,
        ]
