"""The name of a provider account."""

from typing import NamedTuple

from beanie import PydanticObjectId


class AccountKey(NamedTuple):
    """The provider's name, and the id of a tenant's account; without an id, the server's own account."""

    provider: str
    id: PydanticObjectId | None = None

    def __str__(self) -> str:
        """Return the name for logs and chores."""
        return f"{self.provider}:{self.id or 'default'}"
