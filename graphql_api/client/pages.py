"""Reads lists page by page, up to a limit."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql_api.transfer.client import Server

LARGEST_PAGE = 100


def listed(server: "Server", query: str, *, limit: int, **variables: object) -> list[dict[str, Any]]:
    """Return the first ``limit`` entries of a list; the query takes ``$first`` and ``$after``."""
    entries, after = list[dict[str, Any]](), None
    while len(entries) < limit:
        first = min(LARGEST_PAGE, limit - len(entries))
        page = server.ask(query, first=first, after=after, **variables)
        entries += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    return entries
