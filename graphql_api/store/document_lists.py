"""Lists of a tenant's documents: pages of them, their places, and how many there are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from graphql_api.documents.paging import DatedDocument, Order, Position, Window
from graphql_api.errors import SearchTooSlowError
from graphql_api.store.database import Collection as MongoCollection
from graphql_api.store.database import StoreError, is_too_slow, searching
from graphql_api.store.reads import all_but, read_all, visible
from graphql_api.tenancy import TenantScope

D = TypeVar("D", bound=DatedDocument)
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Page(Generic[E]):
    """Documents in the list's order, or their places, and whether more lie beyond them in the window.

    Beyond the last one, or for a window read backwards, before the first one.
    """

    documents: list[E]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList(Generic[D]):
    """The tenant's matching documents in one order.

    A list that ``searches`` has a condition that no index narrows down; its queries raise
    ``SearchTooSlowError``. ``index`` names the index to read, if MongoDB must not choose.
    """

    kind: type[D]
    where: Mapping[str, Any]
    scope: TenantScope
    order: Order
    searches: bool = False
    index: str | None = None

    async def page(self, window: Window, *, without: Collection[str] = ()) -> Page[D]:
        """Return the window's documents in one query, ``without`` these parts: each has an empty value."""
        found = await self._read(window, fields=all_but(without))
        return Page(await read_all(self.kind, found.documents), found.has_more)

    async def places(self, window: Window) -> Page[Position]:
        """Return the places of the same documents, without reading the documents."""
        found = await self._read(window, fields={self.order.field: 1})
        return Page([self.order.place(one) for one in found.documents], found.has_more)

    async def has_behind(self, place: Position) -> bool:
        """Return whether the list has a document at this place or after it."""
        return await self._has(self.order.behind(place, even_there=True))

    async def has_before(self, place: Position) -> bool:
        """Return whether the list has a document at this place or before it."""
        return await self._has(self.order.before(place, even_there=True))

    async def count(self, *, most: int) -> int | None:
        """Return how many documents there are; ``None`` for more, or if MongoDB takes too long to count."""
        where, options = self._where(), self._options
        try:
            counted = await searching(self._collection).count_documents(where, limit=most + 1, **options)
        except StoreError as problem:
            if is_too_slow(problem) or problem.timeout:
                return None
            raise
        return counted if counted <= most else None

    @property
    def _options(self) -> dict[str, Any]:
        return {"hint": self.index} if self.index else {}

    @property
    def _collection(self) -> MongoCollection:
        return self.kind.get_pymongo_collection()

    def _where(self, *conditions: Mapping[str, Any]) -> dict[str, Any]:
        return {"$and": [visible(self.kind, self.scope), self.where, *conditions]}

    async def _read(self, window: Window, *, fields: Mapping[str, int] | None) -> Page[dict[str, Any]]:
        where, sort = self._where(*window.between(self.order)), self.order.sort(backwards=window.backwards)
        found = await self._found(where, fields, sort=sort, limit=window.size + 1)
        documents = found[: window.size]
        return Page(documents[::-1] if window.backwards else documents, len(found) > window.size)

    async def _has(self, condition: Mapping[str, Any]) -> bool:
        return bool(await self._found(self._where(condition), {"_id": 1}, sort=self.order.sort(), limit=1))

    async def _found(
        self,
        where: Mapping[str, Any],
        fields: Mapping[str, int] | None,
        *,
        sort: Mapping[str, int],
        limit: int,
    ) -> list[dict[str, Any]]:
        collection = searching(self._collection) if self.searches else self._collection
        found = collection.find(where, fields, **self._options).sort(sort).limit(limit)
        try:
            return await found.to_list()
        except StoreError as problem:
            if self.searches and is_too_slow(problem):
                raise SearchTooSlowError from problem
            raise
