"""The reads of clients, each within its tenant."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from beanie import PydanticObjectId
from pymongo import DESCENDING
from pymongo.read_concern import ReadConcern

from graphql_api.documents import Finetuning, GoldenRecord, LineRange, ProviderEvent
from graphql_api.documents.paging import DatedDocument
from graphql_api.store.expressions import LIVE_VALUES, NOT_DELETED, Fields
from graphql_api.tenancy import TenantScope

D = TypeVar("D", bound=DatedDocument)
E = TypeVar("E")

_LATEST = ReadConcern("linearizable")
READ_AT_ONCE = 10
"""The documents read in one round of the event loop: about half a millisecond."""
_EMPTY: Mapping[type[DatedDocument], Fields] = {GoldenRecord: {"prompt_text": "", "sql": ""}}
"""The empty values of parts without a default."""


class Alike(NamedTuple):
    """A golden record with the same content as another."""

    id: PydanticObjectId
    digest: str
    exact_digest: str


async def find(
    kind: type[D],
    document_id: PydanticObjectId,
    *,
    scope: TenantScope,
    even_deleted: bool = False,
    without: Collection[str] = (),
) -> D | None:
    """Return the tenant's document, ``without`` these parts of it."""
    seen = scope.where if even_deleted else visible(kind, scope)
    where = {"_id": document_id, **seen}
    found = await kind.get_pymongo_collection().find_one(where, all_but(without))
    return None if found is None else _read(kind, found)


async def find_by_ids(
    kind: type[D], ids: Collection[PydanticObjectId], *, scope: TenantScope, without: Collection[str] = ()
) -> dict[PydanticObjectId, D]:
    """Return the tenant's documents with these ids, by id, ``without`` these parts of them."""
    where = {"_id": {"$in": list(ids)}, **visible(kind, scope)}
    found = await kind.get_pymongo_collection().find(where, all_but(without)).to_list()
    return {one.id: one for one in await read_all(kind, found)}


async def has_any(kind: type[D], *, scope: TenantScope) -> bool:
    """Return whether the tenant has a document of this kind."""
    return await kind.find_one(visible(kind, scope)) is not None


async def count(kind: type[D], *, scope: TenantScope) -> int:
    """Return how many documents of this kind the tenant has."""
    return await kind.get_pymongo_collection().count_documents(visible(kind, scope))


async def newest_live_ids(where: Fields, *, scope: TenantScope, most: int) -> list[PydanticObjectId]:
    """Return the ids of the tenant's ``most`` newest live finetunings, of those matching ``where``."""
    found = Finetuning.get_pymongo_collection().find(_live(where, scope), ["_id"])
    newest_first = found.sort({"created_at": DESCENDING, "_id": DESCENDING})
    return [PydanticObjectId(one["_id"]) async for one in newest_first.limit(most)]


async def count_live(where: Fields, *, scope: TenantScope) -> int:
    """Return the number of the tenant's matching live finetunings."""
    return await Finetuning.get_pymongo_collection().count_documents(_live(where, scope))


async def latest(finetuning: Finetuning) -> Finetuning:
    """Return the finetuning from a linearizable read: a majority of MongoDB's members confirms it."""
    finetunings = Finetuning.get_pymongo_collection().with_options(read_concern=_LATEST)
    certain: Finetuning = Finetuning.model_validate(await finetunings.find_one({"_id": finetuning.id}))
    return certain


async def records_alike(records: Sequence[GoldenRecord]) -> list[Alike]:
    """Return the connection's other records with a digest of one of these."""
    first = records[0]
    found = GoldenRecord.get_pymongo_collection().find(
        {
            **TenantScope.of(first).where,
            "db_connection_id": first.db_connection_id,
            "digest": {"$in": sorted({one.digest for one in records}), "$type": "string"},
            "_id": {"$nin": [one.id for one in records]},
        },
        ["digest", "exact_digest"],
    )
    return [Alike(PydanticObjectId(one["_id"]), one["digest"], one["exact_digest"]) async for one in found]


async def provider_events(ranges: Iterable[LineRange]) -> list[list[ProviderEvent]]:
    """Return the lines of each range in their order, all in one query."""
    wanted = list(ranges)
    found = ProviderEvent.find({"$or": [one.where for one in wanted]}).sort("+number")
    lines: defaultdict[PydanticObjectId, list[ProviderEvent]] = defaultdict(list)
    async for line in found:
        lines[line.finetuning_id].append(line)
    return [[line for line in lines[one.finetuning_id] if one.has(line)] for one in wanted]


def all_but(parts: Collection[str]) -> dict[str, int] | None:
    """Return the projection of documents without these parts."""
    return dict.fromkeys(parts, 0) or None


def _read(kind: type[D], found: Mapping[str, Any]) -> D:
    """Return the document; a part that was left out is empty."""
    document: D = kind.model_validate({**_EMPTY.get(kind, {}), **found})
    return document


async def read_all(kind: type[D], found: Sequence[Mapping[str, Any]]) -> list[D]:
    """Return the documents; the event loop serves others meanwhile."""
    documents = list[D]()
    for place in range(0, len(found), READ_AT_ONCE):
        if place:
            await asyncio.sleep(0)
        documents += [_read(kind, one) for one in found[place : place + READ_AT_ONCE]]
    return documents


def visible(kind: type[DatedDocument], scope: TenantScope) -> Fields:
    """Return the filter of the tenant's documents that clients see."""
    return scope.where | (NOT_DELETED if kind is Finetuning else {})


def _live(where: Fields, scope: TenantScope) -> Fields:
    live = {**visible(Finetuning, scope), "status": {"$in": LIVE_VALUES}}
    return {"$and": [live, where]}
