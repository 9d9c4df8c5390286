"""Relay connections: their arguments and pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from graphql_api import inputs
from graphql_api.documents import BadCursorError, Listing
from graphql_api.documents.paging import (
    DEFAULT_PAGE,
    LARGEST_PAGE,
    MOST_COUNTED,
    DatedDocument,
    Order,
    Position,
    Window,
)
from graphql_api.errors import BadUserInputError
from graphql_api.schema.arguments import optional
from graphql_api.schema.context import Info
from graphql_api.schema.selection import PageSelection, unasked
from graphql_api.store.document_lists import DocumentList
from graphql_api.tenancy import TenantScope

T = TypeVar("T")
D = TypeVar("D", bound=DatedDocument)

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"The most entries to return, from 1 to {LARGEST_PAGE}, from the list's start or from "
        f"`after` on; {DEFAULT_PAGE} without `first` and `last`."
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Return the entries after this cursor, an `endCursor` of an earlier page."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"The most entries to return, from 1 to {LARGEST_PAGE}, from the list's end or from "
        "`before` back, in the list's own order. Not beside `first`."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="Return the entries before this cursor, a `startCursor` of another page."
    ),
]


@strawberry.type(description="The place of a page in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(
        description="Whether more entries follow; pass `endCursor` as `after` for them."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether more entries come before; pass `startCursor` as `before` for them."
    )
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
    """Relay's connection; ``total_count`` is counted only if it is selected."""

    edges: list[Edge[T]] = strawberry.field(description="The entries with their cursors.")
    page_info: PageInfo = strawberry.field(description="The place of this page in the list.")
    total_count: int | None = strawberry.field(
        default=None,
        description="The number of entries in the whole list, on all pages; null if there are more than "
        f"{MOST_COUNTED:,}, or if the count takes too long.",
    )

    @strawberry.field(description="The entries without their cursors.")
    def nodes(self) -> list[T]:
        """Return the entries."""
        return [edge.node for edge in self.edges]


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a list that a client asks for, as it writes it."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @property
    def is_from_the_end(self) -> bool:
        """Whether it is counted from the end."""
        return optional(self.last) is not None

    def size(self) -> int:
        """Return its size or the default; raises ``BadUserInputError``."""
        first, last = optional(self.first), optional(self.last)
        if first is not None and last is not None:
            raise BadUserInputError("Give either first or last.", argument="last")
        name, given = ("first", first) if last is None else ("last", last)
        size = DEFAULT_PAGE if given is None else given
        if not 1 <= size <= LARGEST_PAGE:
            raise BadUserInputError(f"{name} must be from 1 to {LARGEST_PAGE}.", argument=name)
        return size

    def window(self, listing: Listing) -> Window:
        """Return the part of this list; raises ``BadUserInputError``."""
        return Window(
            size=self.size(),
            after=_position(self.after, listing, name="after"),
            before=_position(self.before, listing, name="before"),
            backwards=self.is_from_the_end,
        )


def connection(
    entries: list[tuple[str, Any]], *, has_next: bool, has_previous: bool, total: int | None
) -> Connection[Any]:
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
        total_count=total,
    )


async def listed(
    document: type[D],
    where: Mapping[str, Any],
    *,
    info: Info,
    part: Part,
    order: Order | None = None,
    searches: bool = False,
    index: str | None = None,
) -> Connection[Any]:
    """Return the part of the caller's matching documents; only what is selected is read.

    Without ``order`` the newest come first.
    """
    order = order or Order.newest_of(document)
    window, asked = part.window(order.listing), PageSelection.of(info)
    found = DocumentList(
        kind=document,
        where=where,
        scope=TenantScope.of(info.context.caller),
        order=order,
        searches=searches,
        index=index,
    )
    entries, has_more = await _entries(found, window, asked)
    return connection(
        entries,
        has_next=(has_more and not window.backwards)
        or bool(asked.has_next and window.before and await found.has_behind(window.before)),
        has_previous=(has_more and window.backwards)
        or bool(asked.has_previous and window.after and await found.has_before(window.after)),
        total=await found.count(most=MOST_COUNTED) if asked.total else None,
    )


async def _entries(
    found: DocumentList[Any], window: Window, asked: PageSelection
) -> tuple[list[tuple[str, Any]], bool]:
    """Return the page's entries with their cursors, and whether more lie beyond it."""
    order = found.order
    if asked.entries is None:
        places = await found.places(window)
        return [(place.encode(of=order.listing), None) for place in places.documents], places.has_more
    page = await found.page(window, without=unasked(found.kind, asked.entries))
    entries = [(order.place(one).encode(of=order.listing), one) for one in page.documents]
    return entries, page.has_more


def _position(cursor: str | None, listing: Listing, *, name: str) -> Position | None:
    if (given := optional(cursor)) is None:
        return None
    try:
        return Position.decode(given, of=listing)
    except BadCursorError as problem:
        raise inputs.bad_cursor(problem, name=name) from None
