"""The stored provider accounts, as the engine reads them; clients' writes are the catalogue's."""

from collections.abc import Callable

from beanie import PydanticObjectId

from graphql_api.documents import AccountKey, ProviderAccount
from graphql_api.store.expressions import Fields, mongodb_time

NOT_DELETED: Fields = {"tenant": {"$type": "string"}}
"""The filter that leaves tombstones out."""


async def find(account_id: PydanticObjectId) -> ProviderAccount | None:
    """Return the account of a finetuning that the engine holds; ``None`` if it is deleted."""
    return await ProviderAccount.find_one({"_id": account_id, **NOT_DELETED})


async def active_keys() -> list[AccountKey]:
    """Return the accounts of all tenants that are not disabled."""
    active = ProviderAccount.get_pymongo_collection().find(
        {"is_disabled": False, **NOT_DELETED}, ["provider"]
    )
    return [AccountKey(one["provider"], PydanticObjectId(one["_id"])) async for one in active]


async def note_use(account_id: PydanticObjectId) -> None:
    """Write that the account is used now."""
    await _note(account_id, "last_used_at")


async def note_refusal(account_id: PydanticObjectId) -> None:
    """Write that the provider has refused the account's key now."""
    await _note(account_id, "last_refused_at")


async def encrypt_anew(account: ProviderAccount, again: Callable[[str], str]) -> bool:
    """Store the credential as ``again`` returns it; return whether it was still the same."""
    where = {"_id": account.id, "credential": account.credential, **NOT_DELETED}
    anew = {"$set": {"credential": again(account.credential)}}
    changed = await ProviderAccount.get_pymongo_collection().update_one(where, anew)
    return changed.matched_count == 1


async def every() -> list[ProviderAccount]:
    """Return the accounts of all tenants."""
    return await ProviderAccount.find(NOT_DELETED).to_list()


async def _note(account_id: PydanticObjectId, field: str) -> None:
    now = [{"$set": {field: mongodb_time()}}]
    await ProviderAccount.get_pymongo_collection().update_one({"_id": account_id, **NOT_DELETED}, now)
