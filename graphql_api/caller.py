"""The caller of a use case, with its tenant and its rights."""

from dataclasses import dataclass
from datetime import datetime

from graphql_api.address import network_of
from graphql_api.scopes import ALL_SCOPES, Scope

DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller's tenant (the owner of its documents), its subject, and its credential.

    ``subject`` and ``credential_id`` are ``None`` for the anonymous caller, ``expires_at`` for a credential
    without an end. ``address`` is the client's, if the request has one. ``owner`` has one budget for all its
    credentials, if it can get new ones at will.
    """

    tenant: str = DEFAULT_TENANT
    subject: str | None = None
    scopes: frozenset[Scope] = frozenset()
    credential_id: str | None = None
    expires_at: datetime | None = None
    address: str | None = None
    owner: str | None = None

    @property
    def account(self) -> str:
        """Whose budget the caller's requests take from: its owner's, its credential's, or its address's."""
        return self.owner or self.credential_id or f"{self.tenant}@{network_of(self.address)}"

    def lacks(self, alternatives: frozenset[frozenset[Scope]]) -> bool:
        """Return whether the caller has all scopes of none of these alternatives."""
        return not any(scopes <= self.scopes for scopes in alternatives)


ANONYMOUS = Caller(scopes=ALL_SCOPES)
"""The caller as long as no authentication is configured."""
