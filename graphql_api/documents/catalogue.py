"""The common part of database connections and golden records."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from pymongo import ASCENDING, IndexModel

from graphql_api.documents.paging import DatedDocument

TOMBSTONES_KEPT = timedelta(days=30)
"""How long a repeated deletion gets the answer of the first one."""


class CatalogueDocument(DatedDocument):
    """A document of the catalogue. All times are UTC, by MongoDB's clock."""

    tenant: str
    updated_at: datetime
    metadata: dict[str, str] | None = None


class Tombstone:
    """The rest of a deleted document: its id, its deletion time and its former tenant.

    The field ``tenant`` is gone. Every reader names the tenant in its filter, so no reader can forget to
    leave tombstones out.
    """

    STAGE: ClassVar[dict[str, Any]] = {
        "$replaceWith": {
            "_id": "$_id",
            "deleted_tenant": {"$ifNull": ["$deleted_tenant", "$tenant"]},
            "deleted_at": {"$ifNull": ["$deleted_at", "$$NOW"]},
        }
    }
    INDEX: ClassVar[IndexModel] = IndexModel(
        [("deleted_at", ASCENDING)],
        name="tombstones",
        expireAfterSeconds=int(TOMBSTONES_KEPT.total_seconds()),
    )
