"""The tenant limit of each read and write."""

from dataclasses import dataclass
from typing import Any, Protocol


class HasTenant(Protocol):
    """A caller, or a document that the engine holds."""

    @property
    def tenant(self) -> str:
        """The tenant's name."""


@dataclass(frozen=True, slots=True)
class TenantScope:
    """The documents of one tenant. The store takes no query of a client without one."""

    tenant: str

    @classmethod
    def of(cls, owner: HasTenant) -> "TenantScope":
        """Return the scope of this caller or document."""
        return cls(owner.tenant)

    @property
    def where(self) -> dict[str, Any]:
        """The filter of the tenant's documents."""
        return {"tenant": self.tenant}
