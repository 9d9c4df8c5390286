"""What a list of documents is ordered by, and a place in that order as a keyset cursor."""

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
"""Milliseconds since then, and the id."""


class DatedDocument(Document):
    """A document that lies in a list by its time of creation."""

    listing: ClassVar[Listing]

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of creation: between what is newer and what is older."""

    created_at: datetime
    id: PydanticObjectId

    def encode(self, *, of: Listing) -> str:
        """Return the position as an opaque cursor of this list."""
        milliseconds = (self.created_at - _EPOCH) // timedelta(milliseconds=1)
        return cursors.encoded(of, _PLACE.pack(milliseconds, self.id.binary))

    @classmethod
    def decode(cls, cursor: str, *, of: Listing) -> "Position":
        """Return the position of a cursor; raises ``BadCursorError`` if it is not one of this list."""
        milliseconds, id_ = _PLACE.unpack(cursors.decoded(cursor, of=of))
        try:
            return cls(_EPOCH + timedelta(milliseconds=milliseconds), PydanticObjectId(id_))
        except OverflowError as impossible:
            raise BadCursorError("not a cursor of this list") from impossible

    @property
    def older(self) -> dict[str, Any]:
        """The filter that whatever follows this position passes."""
        same_moment = {"created_at": self.created_at, "_id": {"$lt": self.id}}
        return {"$or": [{"created_at": {"$lt": self.created_at}}, same_moment]}
