"""The orders of document lists, keyset cursors, and the parts of a list between them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field
from pymongo import ASCENDING, DESCENDING

from graphql_api.documents import cursors
from graphql_api.documents.cursors import BadCursorError, Listing

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
MOST_COUNTED = 1_000
"""The largest number told of a list's entries: to count more would cost more than a page."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = Struct(">q12s")
"""Milliseconds since the epoch, and the id."""
_NO_MOMENT = -(2**63)
"""Stands for the milliseconds of a document without the time."""


class DatedDocument(Document):
    """A document with a place in a list by its time of creation."""

    listing: ClassVar[Listing]

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    created_at: datetime

    @property
    def node_id(self) -> str:
        """The id with its type, for clients that keep documents of all types in one place."""
        return f"{type(self).__name__}:{self.id}"


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: by one of its documents' times, then by id; the latest first or last.

    Documents without the time count as the earliest, as MongoDB sorts them. ``listing`` is its cursors'.
    """

    field: str
    listing: Listing
    latest_first: bool = True

    @classmethod
    def newest_of(cls, kind: type[DatedDocument]) -> "Order":
        """Return the order by creation, the newest first."""
        return cls("created_at", kind.listing)

    def sort(self, *, backwards: bool = False) -> dict[str, int]:
        """Return MongoDB's sort, from the start of the list or from its end."""
        direction = DESCENDING if self.latest_first != backwards else ASCENDING
        return {self.field: direction, "_id": direction}

    def place(self, document: Any) -> "Position":
        """Return the place of a document, or of its stored fields."""
        if isinstance(document, dict):
            return Position(document.get(self.field), PydanticObjectId(document["_id"]))
        return Position(getattr(document, self.field), document.id)

    def behind(self, place: "Position", *, even_there: bool = False) -> dict[str, Any]:
        """Return the filter of the documents after this place, or ``even_there``."""
        return self._beside(place, later=not self.latest_first, even_there=even_there)

    def before(self, place: "Position", *, even_there: bool = False) -> dict[str, Any]:
        """Return the filter of the documents before this place, or ``even_there``."""
        return self._beside(place, later=self.latest_first, even_there=even_there)

    def _beside(self, place: "Position", *, later: bool, even_there: bool) -> dict[str, Any]:
        compared = "$gt" if later else "$lt"
        by_id = f"{compared}e" if even_there else compared
        sides: list[dict[str, Any]] = [{self.field: place.moment, "_id": {by_id: place.id}}]
        if place.moment is not None:
            sides.append({self.field: {compared: place.moment}})
        if (place.moment is None) == later and self.field != "created_at":  # every document was created
            sides.append({self.field: {"$ne": None} if later else None})
        return {"$or": sides}


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an order, that of one document: its time there, if it has one, and its id."""

    moment: datetime | None
    id: PydanticObjectId

    def encode(self, *, of: Listing) -> str:
        """Return the position as an opaque cursor of this list."""
        milliseconds = _NO_MOMENT
        if self.moment is not None:
            milliseconds = (self.moment - _EPOCH) // timedelta(milliseconds=1)
        return cursors.encoded(of, _PLACE.pack(milliseconds, self.id.binary))

    @classmethod
    def decode(cls, cursor: str, *, of: Listing) -> "Position":
        """Return the position of a cursor; raises ``BadCursorError`` for a cursor of another list."""
        milliseconds, id_ = _PLACE.unpack(cursors.decoded(cursor, of=of))
        if milliseconds == _NO_MOMENT and of is Listing.FINETUNINGS_BY_END:
            return cls(None, PydanticObjectId(id_))
        try:
            return cls(_EPOCH + timedelta(milliseconds=milliseconds), PydanticObjectId(id_))
        except OverflowError as impossible:
            raise BadCursorError("not a cursor of this list") from impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of a list: at most ``size`` entries between two places, the first or the last of them."""

    size: int = DEFAULT_PAGE
    after: Position | None = None
    before: Position | None = None
    backwards: bool = False

    def between(self, order: Order) -> list[dict[str, Any]]:
        """Return the filters of the documents between both places."""
        behind = [order.behind(self.after)] if self.after else []
        return [*behind, *([order.before(self.before)] if self.before else [])]
