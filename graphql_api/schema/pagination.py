"""Relay connections: their arguments and pages."""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from graphql_api import inputs
from graphql_api.documents import BadCursorError, Listing
from graphql_api.documents.paging import DEFAULT_PAGE, LARGEST_PAGE, DatedDocument, Position
from graphql_api.errors import BadUserInputError
from graphql_api.schema.arguments import optional
from graphql_api.schema.context import Info
from graphql_api.schema.selection import of_entries, unasked
from graphql_api.store import reads
from graphql_api.tenancy import TenantScope

T = TypeVar("T")
D = TypeVar("D", bound=DatedDocument)

First = Annotated[
    int | None,
    strawberry.argument(description=f"The most entries to return, from 1 to {LARGEST_PAGE}."),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Return the entries after this cursor, an `endCursor` of an earlier page."
    ),
]


@strawberry.type(description="The place of a page in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(
        description="Whether more entries follow; pass `endCursor` as `after` for them."
    )
    has_previous_page: bool = strawberry.field(description="Whether this page began after a cursor.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge; null for an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge; null for an empty page."
    )


@strawberry.type(description="One entry of a page.")
class Edge(Generic[T]):
    """Relay's edge."""

    cursor: str = strawberry.field(description="The place of this entry in the list.")
    node: T = strawberry.field(description="The entry itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's connection."""

    edges: list[Edge[T]] = strawberry.field(description="The entries with their cursors.")
    page_info: PageInfo = strawberry.field(description="The place of this page in the list.")

    @strawberry.field(description="The entries without their cursors.")
    def nodes(self) -> list[T]:
        """Return the entries."""
        return [edge.node for edge in self.edges]


def page_size(first: int | None) -> int:
    """Return ``first`` or the default; raises ``BadUserInputError`` outside of 1 to ``LARGEST_PAGE``."""
    size = DEFAULT_PAGE if first is None else first
    if not 1 <= size <= LARGEST_PAGE:
        raise BadUserInputError(f"first must be from 1 to {LARGEST_PAGE}.", argument="first")
    return size


def connection(entries: list[tuple[str, Any]], *, has_next: bool, has_previous: bool) -> Connection[Any]:
    """Return a connection of (cursor, node) pairs."""
    edges = [Edge(cursor=cursor, node=node) for cursor, node in entries]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=has_next,
            has_previous_page=has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


async def newest(
    document: type[D],
    where: Mapping[str, Any],
    *,
    info: Info,
    first: int | None,
    after: str | None,
    searches: bool = False,
) -> Connection[Any]:
    """Return a page of the caller's matching documents, newest first; only what is selected is read."""
    listing, scope, size = document.listing, TenantScope.of(info.context.caller), page_size(first)
    position = _position(after, listing)
    selected = of_entries(info)
    if selected is None:
        places = await reads.newest_positions(
            document, where, scope=scope, first=size, after=position, searches=searches
        )
        entries: list[tuple[str, Any]] = [(place.encode(of=listing), None) for place in places.documents]
        return connection(entries, has_next=places.has_next, has_previous=position is not None)
    without = unasked(document, selected)
    page = await reads.newest(
        document, where, scope=scope, first=size, after=position, without=without, searches=searches
    )
    entries = [(Position(one.created_at, one.id).encode(of=listing), one) for one in page.documents]
    return connection(entries, has_next=page.has_next, has_previous=position is not None)


def _position(after: str | None, listing: Listing) -> Position | None:
    cursor = optional(after)
    if cursor is None:
        return None
    try:
        return Position.decode(cursor, of=listing)
    except BadCursorError as problem:
        raise inputs.bad_cursor(problem) from None
