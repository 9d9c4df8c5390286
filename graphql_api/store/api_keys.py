"""The stored API keys: each write is atomic, every time is MongoDB's."""

from collections.abc import Collection
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from graphql_api.documents import ApiKey, ObjectId
from graphql_api.scopes import Scope
from graphql_api.store.expressions import literal, mongodb_time
from graphql_api.tenancy import TenantScope

OVERLAP_S = 10
"""How far each look at the changes reaches back: writes may become visible out of their order."""


async def insert(
    key_id: ObjectId,
    *,
    scope: TenantScope,
    name: str,
    scopes: frozenset[Scope],
    digest: bytes,
    expires_at: datetime | None,
) -> ApiKey:
    """Store a key that ends at ``expires_at``, or never, and return it."""
    now = mongodb_time()
    born = {
        "tenant": literal(scope.tenant),
        "name": literal(name),
        "scopes": literal(sorted(scopes)),
        "digest": digest,
        "created_at": now,
        "changed_at": now,
        "expires_at": literal(expires_at),
        "revoked_at": None,
        "last_used_at": None,
    }
    stored = await ApiKey.get_pymongo_collection().find_one_and_update(
        {"_id": key_id}, [{"$set": born}], upsert=True, return_document=ReturnDocument.AFTER
    )
    key: ApiKey = ApiKey.model_validate(stored)
    return key


async def revoke(key_id: ObjectId, *, scope: TenantScope) -> ApiKey | None:
    """End the tenant's key now and return it; an earlier end stays as it is."""
    now = mongodb_time()
    ended = {"revoked_at": {"$ifNull": ["$revoked_at", now]}, "changed_at": now}
    found = await ApiKey.get_pymongo_collection().find_one_and_update(
        {"_id": key_id, **scope.where}, [{"$set": ended}], return_document=ReturnDocument.AFTER
    )
    return None if found is None else ApiKey.model_validate(found)


async def changed_since(moment: datetime | None) -> list[ApiKey]:
    """Return the keys of all tenants changed since then, and a little earlier; ``None``: all keys."""
    where = {} if moment is None else {"changed_at": {"$gte": moment - timedelta(seconds=OVERLAP_S)}}
    return await ApiKey.find(where).to_list()


async def note_use(key_ids: Collection[ObjectId]) -> None:
    """Write that these keys were used now."""
    used = [{"$set": {"last_used_at": mongodb_time()}}]
    await ApiKey.get_pymongo_collection().update_many({"_id": {"$in": list(key_ids)}}, used)
