"""The catalogue's atomic writes, and its documents' users.

Every filter names the tenant, every time is MongoDB's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from bson import ObjectId
from pymongo import ReturnDocument, UpdateOne
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteConcernError

from graphql_api.documents import (
    CatalogueDocument,
    DbConnection,
    Finetuning,
    GoldenRecord,
    GoldenRecordIds,
    ProviderAccount,
    Tombstone,
)
from graphql_api.store.expressions import NOT_ENDED, Fields, later, literal, mongodb_time
from graphql_api.tenancy import TenantScope

D = TypeVar("D", bound=CatalogueDocument)
M = TypeVar("M", DbConnection, ProviderAccount)
"""What is marked during its deletion, because finetunings are made from it."""

DUPLICATE_KEY = 11000
"""MongoDB's code for a refusal by a unique index."""

MARKED_S = 30
"""How long a mark holds: after a crash or an outage it has to end by itself."""

MOST_NAMED = 100
"""How many finetunings an answer names at most."""

IS_MARKED: Fields = {"$expr": {"$gt": ["$deletion_expires_at", mongodb_time()]}}


async def insert(documents: Sequence[D]) -> list[D]:
    """Store the documents and return the stored ones in any order.

    A document refused by a unique index is left out. Raises ``WriteConcernError`` for a write without a
    majority's acknowledgement.
    """
    if not documents:
        return []
    kind = type(documents[0])
    upserts = [UpdateOne({"_id": one.id}, [_born(one)], upsert=True) for one in documents]
    try:
        await kind.get_pymongo_collection().bulk_write(upserts, ordered=False)
    except BulkWriteError as refused:
        _raise_unless_duplicates(refused)
    return await kind.find({"_id": {"$in": [one.id for one in documents]}}).to_list()


async def change(
    kind: type[D], document_id: ObjectId, *, scope: TenantScope, given: Mapping[str, object], where: Fields
) -> D | None:
    """Set these fields of the tenant's document; ``None``: no match, or a unique index refuses it."""
    fields = {name: literal(value) for name, value in given.items()}
    try:
        changed = await kind.get_pymongo_collection().find_one_and_update(
            {"_id": document_id, **scope.where, **where},
            [{"$set": {**fields, "updated_at": mongodb_time()}}],
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:
        return None
    return None if changed is None else kind.model_validate(changed)


async def mark_for_deletion(kind: type[M], document_id: ObjectId, *, scope: TenantScope, token: str) -> bool:
    """Mark the document for ``MARKED_S`` as being deleted; return whether the tenant has it."""
    where = {"_id": document_id, **scope.where}
    mark = {"deletion_token": literal(token), "deletion_expires_at": later(mongodb_time(), MARKED_S)}
    marked = await kind.get_pymongo_collection().update_one(where, [{"$set": mark}])
    return marked.matched_count == 1


async def unmark_for_deletion(
    kind: type[M], document_id: ObjectId, *, scope: TenantScope, token: str
) -> None:
    """Remove this deletion's mark from the tenant's document."""
    where = {"_id": document_id, **scope.where, "deletion_token": token}
    unmarked = {"deletion_token": None, "deletion_expires_at": None}
    await kind.get_pymongo_collection().update_one(where, {"$set": unmarked})


async def is_usable(kind: type[M], document_id: ObjectId, *, scope: TenantScope) -> bool:
    """Return whether the tenant has the document and nobody is deleting it."""
    where = {"_id": document_id, **scope.where, "$nor": [IS_MARKED]}
    return await kind.get_pymongo_collection().find_one(where, ["_id"]) is not None


async def bury(kind: type[D], document_id: ObjectId, *, scope: TenantScope, where: Fields) -> datetime | None:
    """Turn the tenant's document into a tombstone and return its deletion time, or ``None`` without a match.

    A tombstone stays as it is, with or without a match of ``where``.
    """
    left = await kind.get_pymongo_collection().find_one_and_update(
        {"_id": document_id, "$or": [scope.where | where, {"deleted_tenant": scope.tenant}]},
        [Tombstone.STAGE],
        return_document=ReturnDocument.AFTER,
    )
    return left and left["deleted_at"]


async def bury_all(kind: type[D], *, scope: TenantScope, where: Fields) -> None:
    """Turn all matching documents of the tenant into tombstones."""
    await kind.get_pymongo_collection().update_many(scope.where | where, [Tombstone.STAGE])


async def users_of_connection(db_connection_id: ObjectId, *, scope: TenantScope) -> list[str]:
    """Return the ids of at most ``MOST_NAMED`` live finetunings of this connection."""
    return await _named(_live({**scope.where, "db_connection_id": db_connection_id}, fields=["_id"]))


async def users_of_account(account_id: ObjectId, *, scope: TenantScope) -> list[str]:
    """Return the ids of at most ``MOST_NAMED`` finetunings of this account that are not done with it.

    An ended one may still have a file or a job to remove. The last lines of its log are not waited for.
    """
    of_account = {**scope.where, "provider_account_id": account_id, "due_at": {"$type": "date"}}
    return await _named(Finetuning.get_pymongo_collection().find(of_account, ["_id"]))


async def users_of_golden_record(record: GoldenRecord) -> list[str]:
    """Return the ids of at most ``MOST_NAMED`` live finetunings with this record's id and no file yet."""
    of_connection = {**TenantScope.of(record).where, "db_connection_id": record.db_connection_id}
    waiting = {**of_connection, "golden_records": {"$ne": None}, "finetuning_file_id": None}
    found = _live(waiting, fields=["golden_records"])
    users = [one["_id"] async for one in found if record.id in GoldenRecordIds(one["golden_records"])]
    return [str(user) for user in users[:MOST_NAMED]]


def _born(document: CatalogueDocument) -> dict[str, Any]:
    given = literal(document.model_dump(by_alias=True, exclude={"revision_id"}))
    at_once = {"created_at": mongodb_time(), "updated_at": mongodb_time()}
    return {"$replaceWith": {"$mergeObjects": [given, at_once]}}


def _raise_unless_duplicates(refused: BulkWriteError) -> None:
    unconfirmed = refused.details["writeConcernErrors"]
    if unconfirmed:  # after a failover, as after any broken connection, only some may be stored
        raise WriteConcernError("the insertion was not acknowledged", unconfirmed[0].get("code")) from refused
    if any(error["code"] != DUPLICATE_KEY for error in refused.details["writeErrors"]):
        raise refused


async def _named(found: AsyncCursor[dict[str, Any]]) -> list[str]:
    return [str(one["_id"]) async for one in found.limit(MOST_NAMED)]


def _live(where: Fields, *, fields: list[str]) -> AsyncCursor[dict[str, Any]]:
    live = {**where, **NOT_ENDED}
    return Finetuning.get_pymongo_collection().find(live, fields)
