"""The engine's reads of provider accounts, and what it writes down about them."""

from beanie import PydanticObjectId

from graphql_api.accounts.manage import delete_account, set_disabled
from graphql_api.documents import ProviderAccount
from graphql_api.store import provider_accounts
from tests.accounts.stage import account_of
from tests.world import World


async def test_a_deleted_account_is_not_found(world: World) -> None:
    """Its tombstone is there for a repeated deletion alone."""
    account = await account_of(world)
    assert await provider_accounts.find(account.id) == account
    await delete_account(str(account.id), caller=world.caller)
    assert await provider_accounts.find(account.id) is None
    assert (await provider_accounts.active_keys(), await provider_accounts.every()) == ([], [])


async def test_active_accounts_are_those_not_disabled(world: World) -> None:
    """Of every tenant."""
    active, disabled = await account_of(world), await account_of(world, name="disabled")
    await set_disabled(str(disabled.id), disabled=True, caller=world.caller)
    assert await provider_accounts.active_keys() == [active.key]
    assert {one.id for one in await provider_accounts.every()} == {active.id, disabled.id}


async def test_a_use_and_a_refusal_have_mongodbs_time(world: World) -> None:
    """A tombstone gets none."""
    account = await account_of(world)
    await provider_accounts.note_use(account.id)
    await provider_accounts.note_refusal(account.id)
    await provider_accounts.note_use(PydanticObjectId())
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
