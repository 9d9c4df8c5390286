"""The caller of a use case, with its tenant."""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A caller's tenant (the owner of its documents), its subject (``None``: anonymous) and its scopes."""

    tenant: str = DEFAULT_TENANT
    subject: str | None = None
    scopes: frozenset[str] = frozenset()


ANONYMOUS = Caller()
"""The caller as long as no authentication is configured."""


async def anonymous_for(_: Mapping[str, object]) -> Caller:
    """Return the anonymous caller for any payload of connection_init."""
    return ANONYMOUS
