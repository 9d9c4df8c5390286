"""The database connection document: the schema that golden records ask questions about."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.catalogue import CatalogueDocument, Tombstone
from graphql_api.documents.cursors import Listing


class DbConnection(CatalogueDocument):
    """A database to be asked in natural language; ``table_schemas`` are its tables as DDL text.

    ``deletion_token`` names the deletion that is under way, if one is: nothing new is based on it then, until
    ``deletion_expires_at``, when a deletion that broke off counts no more.
    """

    listing: ClassVar[Listing] = Listing.DB_CONNECTIONS

    alias: str
    dialect: str
    table_schemas: list[str] = Field(default_factory=list)
    deletion_token: str | None = None
    deletion_expires_at: datetime | None = None

    class Settings:
        """Where the documents live and how they are found."""

        name = "db_connections"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            ),
            Tombstone.INDEX,
        ]
