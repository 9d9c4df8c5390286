"""The guard against base URLs that lead inside (server-side request forgery).

A tenant's URL is checked when it is set (``checked_base_url``), by its text alone. What counts is the check
at each connection, in ``transport``: a name may lead elsewhere at any time.
"""

from graphql_api.providers.outbound.base_url import checked_base_url
from graphql_api.providers.outbound.guard import OutboundGuard

__all__ = ["OutboundGuard", "checked_base_url"]
