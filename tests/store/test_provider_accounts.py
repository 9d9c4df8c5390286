"""The engine's reads of provider accounts, and what it writes down about them."""

import pytest
from beanie import PydanticObjectId
from pymongo.errors import PyMongoError

from graphql_api.accounts.manage import delete_account, set_disabled
from graphql_api.documents import ProviderAccount
from graphql_api.store import provider_accounts
from graphql_api.store.database import connect
from graphql_api.store.provider_accounts import AccountStore
from tests.accounts.stage import account_of
from tests.world import World


def store_of(world: World) -> AccountStore:
    """Return the store of the world's accounts."""
    return AccountStore(world.database["provider_accounts"])


async def test_a_lost_note_costs_nobody_a_call() -> None:
    """MongoDB is out of reach; a note is no reason for a cancel to fail."""
    async with connect("mongodb://127.0.0.1:1/?directConnection=true", timeout_s=0.2) as client:
        store = AccountStore(client["away"]["provider_accounts"])
        await store.note_use(PydanticObjectId())
        with pytest.raises(PyMongoError):
            await store.find(PydanticObjectId())


async def test_a_deleted_account_is_not_found(world: World) -> None:
    """Its tombstone is there for a repeated deletion alone."""
    account = await account_of(world)
    store = store_of(world)
    assert await store.find(account.id) == account
    await delete_account(str(account.id), caller=world.caller)
    assert await store.find(account.id) is None
    assert (await store.active_keys(), await provider_accounts.every()) == ([], [])


async def test_active_accounts_are_those_not_disabled(world: World) -> None:
    """Of every tenant."""
    active, disabled = await account_of(world), await account_of(world, name="disabled")
    await set_disabled(str(disabled.id), disabled=True, caller=world.caller)
    assert await store_of(world).active_keys() == [active.key]
    assert {one.id for one in await provider_accounts.every()} == {active.id, disabled.id}


async def test_a_use_and_a_refusal_have_mongodbs_time(world: World) -> None:
    """A tombstone gets none."""
    account = await account_of(world)
    store = store_of(world)
    await store.note_use(account.id)
    await store.note_refusal(account.id)
    await store.note_use(PydanticObjectId())
    (noted,) = await ProviderAccount.find_all().to_list()
    assert noted.last_used_at is not None
    assert noted.last_refused_at is not None


async def test_a_credential_is_encrypted_anew_only_if_it_is_still_the_same(world: World) -> None:
    """A rotation in between wins."""
    account = await account_of(world)
    assert await provider_accounts.encrypt_anew(account, lambda sealed: f"{sealed} again") is True
    assert await provider_accounts.encrypt_anew(account, lambda _: "too late") is False
    (stored,) = await provider_accounts.every()
    assert stored.credential == f"{account.credential} again"
