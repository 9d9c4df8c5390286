"""The provider account document: where a tenant's jobs run, and its credential, encrypted."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from graphql_api.documents.account_key import AccountKey
from graphql_api.documents.catalogue import CatalogueDocument, Tombstone
from graphql_api.documents.cursors import Listing


class ProviderAccount(CatalogueDocument):
    """An account of a tenant at a provider.

    The address never changes: a job is always asked for where it was made. ``credential`` is the encrypted
    key together with the extra headers' values; ``key_ending`` are the key's last four characters.
    ``deletion_token`` and ``deletion_expires_at`` are a connection's.
    """

    listing: ClassVar[Listing] = Listing.PROVIDER_ACCOUNTS

    name: str
    provider: str
    base_url: str | None = None
    organization: str | None = None
    project: str | None = None
    header_names: list[str] = Field(default_factory=list)
    credential: str
    key_ending: str
    key_changed_at: datetime
    default_model: str | None = None
    allowed_models: list[str] = Field(default_factory=list)
    is_disabled: bool = False
    last_used_at: datetime | None = None
    last_refused_at: datetime | None = None
    deletion_token: str | None = None
    deletion_expires_at: datetime | None = None

    @property
    def key(self) -> AccountKey:
        """The name that its finetunings have for it."""
        return AccountKey(self.provider, self.id)

    class Settings:
        """The collection and its indexes."""

        name = "provider_accounts"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)], name="newest"
            ),
            IndexModel(
                [("tenant", ASCENDING), ("name", ASCENDING)],
                name="name",
                unique=True,
                partialFilterExpression={"name": {"$type": "string"}},
            ),
            Tombstone.INDEX,
        ]
