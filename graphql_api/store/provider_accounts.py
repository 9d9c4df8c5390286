"""The stored provider accounts, as the engine reads them; clients' writes are the catalogue's."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from beanie import PydanticObjectId
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from graphql_api.documents import AccountKey, ProviderAccount
from graphql_api.store.expressions import Fields, mongodb_time

OF_A_TENANT: Fields = {"tenant": {"$type": "string"}}
"""The filter that leaves tombstones out."""


class AccountStore:
    """The accounts of all tenants; a flood of clients' reads must not keep a cancel from its account.

    So the collection is one of the reserve.
    """

    def __init__(self, collection: AsyncCollection[dict[str, Any]]) -> None:
        self._collection = collection

    async def find(self, account_id: PydanticObjectId) -> ProviderAccount | None:
        """Return the account of a finetuning that the engine holds; ``None`` if it is deleted."""
        found = await self._collection.find_one({"_id": account_id, **OF_A_TENANT})
        return None if found is None else ProviderAccount.model_validate(found)

    async def active_keys(self) -> list[AccountKey]:
        """Return the accounts of all tenants that are not disabled."""
        active = self._collection.find({"is_disabled": False, **OF_A_TENANT}, ["provider"])
        return [AccountKey(one["provider"], PydanticObjectId(one["_id"])) async for one in active]

    async def note_use(self, account_id: PydanticObjectId) -> None:
        """Write that the account is used now."""
        await self._note(account_id, "last_used_at")

    async def note_refusal(self, account_id: PydanticObjectId) -> None:
        """Write that the provider has refused the account's key now."""
        await self._note(account_id, "last_refused_at")

    async def _note(self, account_id: PydanticObjectId, field: str) -> None:
        """Write the time; a note that is lost costs nobody a call."""
        now = [{"$set": {field: mongodb_time()}}]
        with suppress(PyMongoError):
            await self._collection.update_one({"_id": account_id, **OF_A_TENANT}, now)


async def encrypt_anew(account: ProviderAccount, again: Callable[[str], str]) -> bool:
    """Store the credential as ``again`` returns it; return whether it was still the same."""
    where = {"_id": account.id, "credential": account.credential, **OF_A_TENANT}
    anew = {"$set": {"credential": again(account.credential)}}
    changed = await ProviderAccount.get_pymongo_collection().update_one(where, anew)
    return changed.matched_count == 1


async def every() -> list[ProviderAccount]:
    """Return the accounts of all tenants."""
    return await ProviderAccount.find(OF_A_TENANT).to_list()
