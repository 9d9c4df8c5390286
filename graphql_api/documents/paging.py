"""Pages of documents, newest first, by keyset cursors: a page is one query, whatever came before it."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from beanie import Document, PydanticObjectId
from bson import ObjectId
from bson.errors import InvalidId
from pydantic import Field

DEFAULT_PAGE = 20
LARGEST_PAGE = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DatedDocument(Document):
    """A document that lies in a list by its time of creation."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    created_at: datetime


D = TypeVar("D", bound=DatedDocument)


@dataclass(frozen=True, slots=True)
class Page(Generic[D]):
    """Documents in their order, and whether more follow."""

    documents: list[D]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of creation: between what is newer and what is older."""

    created_at: datetime
    id: PydanticObjectId

    def encode(self) -> str:
        """Return the position as an opaque cursor."""
        milliseconds = (self.created_at - _EPOCH) // timedelta(milliseconds=1)
        return urlsafe_b64encode(f"{milliseconds}.{self.id}".encode()).decode()

    @classmethod
    def decode(cls, cursor: str) -> "Position":
        """Return the position of a cursor; raises ``ValueError`` if it is not one of ours."""
        try:
            milliseconds, _, id_ = urlsafe_b64decode(cursor.encode()).decode().partition(".")
            created_at = _EPOCH + timedelta(milliseconds=int(milliseconds))
            position = cls(created_at, PydanticObjectId(ObjectId(id_)))
        except (ValueError, OverflowError, binascii.Error, InvalidId) as malformed:
            raise ValueError("not a cursor of this list") from malformed
        if position.encode() != cursor:
            raise ValueError("not a cursor of this list")
        return position

    @property
    def older(self) -> dict[str, Any]:
        """The filter that whatever follows this position passes."""
        same_moment = {"created_at": self.created_at, "_id": {"$lt": self.id}}
        return {"$or": [{"created_at": {"$lt": self.created_at}}, same_moment]}


async def newest_first(
    document: type[D], where: Mapping[str, Any], *, first: int, after: Position | None
) -> Page[D]:
    """Return the ``first`` newest documents that match, from ``after`` on, in one query."""
    parts = [dict(where), *([after.older] if after else [])]
    found = await document.find({"$and": parts}).sort("-created_at", "-_id").limit(first + 1).to_list()
    return Page(found[:first], has_next=len(found) > first)
