"""Who asks: every use case takes a caller, and every document belongs to a caller's tenant."""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The tenant whose documents may be seen, who is asking (``None``: anonymous), and what they may do."""

    tenant: str = DEFAULT_TENANT
    subject: str | None = None
    scopes: frozenset[str] = frozenset()


ANONYMOUS = Caller()
"""The caller as long as no authentication is configured."""


async def anonymous_for(_: Mapping[str, object]) -> Caller:
    """Take whoever connects for the anonymous caller, whatever the payload of connection_init says."""
    return ANONYMOUS
