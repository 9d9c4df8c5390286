"""The API key document."""

from datetime import datetime
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.cursors import Listing
from graphql_api.documents.paging import DatedDocument
from graphql_api.scopes import Scope


class ApiKey(DatedDocument):
    """One key of a tenant, without its secret: ``digest`` is an HMAC of the whole key.

    ``changed_at`` moves with each change of a right; servers read what has changed since they last looked.
    """

    listing: ClassVar[Listing] = Listing.API_KEYS

    tenant: str
    name: str
    scopes: list[Scope]
    digest: bytes
    changed_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    class Settings:
        """The collection and its indexes."""

        name = "api_keys"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("changed_at", ASCENDING)], name="changed"),
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            ),
        ]
