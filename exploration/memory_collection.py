"""The finetunings' collection in memory.

The contract suite holds it to the real MongoDB. Documents are never changed in place: a version keeps its
content after it was read.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from exploration.memory_expressions import (
    UnknownOperatorError,
    field_at,
    matches,
    order,
    plain,
)
from exploration.memory_versions import Versions

Document = Mapping[str, Any]
Observer = Callable[[Document | None, Document], None]


class MemoryCollection:
    """The store's calls of a collection; ``observe`` is given every version written."""

    database = SimpleNamespace(client=SimpleNamespace(options=SimpleNamespace(timeout=None)))

    def __init__(
        self, observe: Observer = lambda before, after: None, *, versions: Versions | None = None
    ) -> None:
        self.documents: dict[ObjectId, Document] = {}
        self.versions = versions or Versions()
        self._observe = observe

    def insert(self, document: Document) -> None:
        """Store a document as it is."""
        self.documents[document["_id"]] = self.versions.first(document)

    async def find_one(self, where: Document) -> Document | None:
        """Return the first match."""
        return next(iter(self._matching(where)), None)

    async def find_one_and_update(
        self,
        where: Document,
        pipeline: list[Document],
        *,
        return_document: bool,
        sort: list[tuple[str, int]] | None = None,
        upsert: bool = False,
    ) -> Document | None:
        """Run the pipeline on the first document that matches, or on a new one."""
        if return_document is not ReturnDocument.AFTER:
            raise UnknownOperatorError("a document as it was before")
        found = _sorted(self._matching(where), sort)
        if not found and not upsert:
            return None
        before = found[0] if found else self.versions.first(_of_filter(where))
        return self._write(before if found else None, self.versions.after(before, pipeline))

    async def update_many(self, where: Document, pipeline: list[Document]) -> None:
        """Run the pipeline on every match."""
        for before in self._matching(where):
            self._write(before, self.versions.after(before, pipeline))

    async def count_documents(self, where: Document) -> int:
        """Return how many documents match."""
        return len(self._matching(where))

    def find(self, where: Document, projection: Sequence[str]) -> "MemoryCursor":
        """Return every match; the projection only saves the real MongoDB work."""
        return MemoryCursor(self._matching(where))

    def _matching(self, where: Document) -> list[Document]:
        return [document for document in self.documents.values() if matches(where, document)]

    def _write(self, before: Document | None, after: Document) -> Document:
        self._hold_unique(after)
        self.documents[after["_id"]] = after
        self._observe(before, after)
        return after

    def _hold_unique(self, document: Document) -> None:
        """Refuse a second document with the idempotency key of a tenant, as the unique index does."""
        if not isinstance(field_at(document, ["idempotency", "key"]), str):
            return
        for other in self.documents.values():
            if other["_id"] != document["_id"] and _key_of(other) == _key_of(document):
                raise DuplicateKeyError("E11000 duplicate key error: idempotency")


class MemoryCursor:
    """The documents found, to be sorted and iterated."""

    def __init__(self, found: list[Document]) -> None:
        self._found = found

    def sort(self, path: str, direction: int) -> "MemoryCursor":
        """Put the documents in the order of a field."""
        return MemoryCursor(_sorted(self._found, [(path, direction)]))

    def limit(self, most: int) -> "MemoryCursor":
        """Keep the first ones."""
        return MemoryCursor(self._found[:most])

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in self._found:
            yield document


def _sorted(found: list[Document], sort: list[tuple[str, int]] | None) -> list[Document]:
    if sort is None:
        return found
    [(path, direction)] = sort
    if direction != ASCENDING:
        raise UnknownOperatorError(f"sort {direction}")
    return sorted(found, key=lambda document: order(field_at(document, path.split("."))))


def _key_of(document: Document) -> tuple[Any, Any]:
    return field_at(document, ["tenant"]), field_at(document, ["idempotency", "key"])


def _of_filter(where: Document) -> Document:
    """Return the first document of an upsert: the filter's equalities."""
    if any(isinstance(value, Mapping) or "." in name for name, value in where.items()):
        raise UnknownOperatorError("an upsert by more than plain equality")
    return {name: plain(value) for name, value in where.items()}
