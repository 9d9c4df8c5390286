"""The order of document lists, and keyset cursors."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from pydantic import Field

from graphql_api.documents import cursors
from graphql_api.documents.cursors import BadCursorError, Listing

DEFAULT_PAGE = 20
LARGEST_PAGE = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = Struct(">q12s")
"""Milliseconds since the epoch, and the id."""


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
class Position:
    """A place in the order of creation, between newer and older documents."""

    created_at: datetime
    id: PydanticObjectId

    def encode(self, *, of: Listing) -> str:
        """Return the position as an opaque cursor of this list."""
        milliseconds = (self.created_at - _EPOCH) // timedelta(milliseconds=1)
        return cursors.encoded(of, _PLACE.pack(milliseconds, self.id.binary))

    @classmethod
    def decode(cls, cursor: str, *, of: Listing) -> "Position":
        """Return the position of a cursor; raises ``BadCursorError`` for a cursor of another list."""
        milliseconds, id_ = _PLACE.unpack(cursors.decoded(cursor, of=of))
        try:
            return cls(_EPOCH + timedelta(milliseconds=milliseconds), PydanticObjectId(id_))
        except OverflowError as impossible:
            raise BadCursorError("not a cursor of this list") from impossible

    @property
    def older(self) -> dict[str, Any]:
        """The filter of the documents after this position."""
        same_moment = {"created_at": self.created_at, "_id": {"$lt": self.id}}
        return {"$or": [{"created_at": {"$lt": self.created_at}}, same_moment]}
