"""What owners do with their accounts, each within its tenant."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.accounts.errors import (
    CredentialSealedError,
    ProviderAccountDisabledError,
    ProviderAccountInUseError,
    ProviderAccountNameTakenError,
    ProviderAccountNotFoundError,
    ProviderAccountsOffError,
)
from graphql_api.accounts.manage import (
    delete_account,
    find_account,
    rotate_key,
    set_disabled,
    update_account,
    usable_account,
)
from graphql_api.accounts.opening import Accounts
from graphql_api.accounts.vault import Vault
from graphql_api.documents import ProviderAccount
from graphql_api.errors import BadUserInputError, ProviderNotSupportedError, UnsafeBaseUrlError
from graphql_api.store import catalogue
from graphql_api.tenancy import TenantScope
from tests.accounts.stage import KEY, account_of, training
from tests.world import World


async def stored(account: ProviderAccount) -> Mapping[str, Any]:
    """Return the document as MongoDB has it."""
    found = await ProviderAccount.get_pymongo_collection().find_one({"_id": account.id})
    return dict(found or {})


async def test_an_account_is_stored_without_its_secrets(world: World) -> None:
    """Its key and the values of its headers are there only encrypted."""
    account = await account_of(world, headers={"X-Portkey-Config": "canary-of-a-header"})
    assert (account.key_ending, account.header_names) == (KEY[-4:], ["x-portkey-config"])
    text = repr(await stored(account))
    assert KEY not in text
    assert "canary" not in text


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"name": "default"}, "name"),
        ({"api_key": "sk-é"}, "apiKey"),
        ({"base_url": "x" * 3000}, "baseUrl"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"default_model": "b", "allowed_models": ["a*"]}, "defaultModel"),
        ({"metadata": {"a": 1}}, "metadata"),
    ],
)
async def test_a_bad_account_is_refused_by_its_argument(
    world: World, given: dict[str, Any], argument: str
) -> None:
    """Nothing is stored."""
    with pytest.raises(BadUserInputError) as refused:
        await account_of(world, **given)
    assert refused.value.details["argument"] == argument
    assert await ProviderAccount.find_all().count() == 0


@pytest.mark.parametrize("base_url", ["ftp://a.example", "https://ann:b@a.example/v1", "https://10.0.0.1/v1"])
async def test_an_address_that_may_lead_inside_is_refused(world: World, base_url: str) -> None:
    """The list of such addresses is the guard's."""
    with pytest.raises(UnsafeBaseUrlError):
        await account_of(world, base_url=base_url)
    assert await ProviderAccount.find_all().count() == 0


async def test_an_unknown_provider_is_refused(world: World) -> None:
    """The error names the known ones."""
    with pytest.raises(ProviderNotSupportedError, match="supported: openai"):
        await account_of(world, provider="nobody")


async def test_a_name_is_taken_in_its_tenant_alone(world: World) -> None:
    """By a new account or a change; a deleted one gives it back."""
    other = replace(world.caller, tenant="other")
    first = await account_of(world)
    await account_of(world, caller=other)
    second = await account_of(world, name="second")
    with pytest.raises(ProviderAccountNameTakenError):
        await account_of(world)
    with pytest.raises(ProviderAccountNameTakenError):
        await update_account(str(second.id), {"name": "theirs"}, caller=world.caller)
    await delete_account(str(first.id), caller=world.caller)
    changed = await update_account(str(second.id), {"name": "theirs"}, caller=world.caller)
    assert changed.name == "theirs"


async def test_a_change_sets_what_is_given(world: World) -> None:
    """A default model is held to the allowed ones, given or stored."""
    account = await account_of(world, default_model="gpt-4", allowed_models=["gpt-*"])
    bad: tuple[dict[str, Any], ...] = ({"default_model": "o4"}, {"allowed_models": ["o4"]})
    for given in bad:
        with pytest.raises(BadUserInputError, match="defaultModel"):
            await update_account(str(account.id), given, caller=world.caller)
    given = {"default_model": None, "allowed_models": ["o4"], "metadata": {"team": "a"}}
    changed = await update_account(str(account.id), given, caller=world.caller)
    assert (changed.default_model, changed.allowed_models, changed.metadata) == (None, ["o4"], {"team": "a"})
    assert await update_account(str(account.id), {}, caller=world.caller) == changed


async def test_a_rotation_keeps_the_headers(world: World) -> None:
    """Unless it gives new ones; without the vault's key they cannot be kept."""
    accounts, account = world.engine.accounts, await account_of(world, headers={"x-a": "1"})
    vault = accounts.vault
    assert vault is not None

    async def rotated(headers: Mapping[str, str] | None, using: Accounts) -> Mapping[str, str]:
        left = await rotate_key(
            str(account.id), "sk-another-0123456789", headers=headers, caller=world.caller, accounts=using
        )
        assert left.key_ending == "6789"
        return vault.open(left).headers

    assert await rotated(None, accounts) == {"x-a": "1"}
    assert await rotated({"x-b": "2"}, accounts) == {"x-b": "2"}
    lost = Accounts(accounts.own, vault=Vault(["b" * 43 + "="]), makers=accounts._makers)
    with pytest.raises(CredentialSealedError):
        await rotated(None, lost)


async def test_without_a_vault_there_are_no_accounts(world: World) -> None:
    """The operator has to give the keys first."""
    off = Accounts(world.engine.accounts.own)
    ours = replace(world, engine=replace(world.engine, accounts=off))
    with pytest.raises(ProviderAccountsOffError):
        await account_of(ours)


async def test_a_disabled_or_half_deleted_account_starts_nothing(world: World) -> None:
    """Whatever it has under way goes on later."""
    account = await account_of(world)
    for _ in range(2):
        assert (await set_disabled(str(account.id), disabled=True, caller=world.caller)).is_disabled
    with pytest.raises(ProviderAccountDisabledError):
        await world.create(provider_account_id=str(account.id))
    await set_disabled(str(account.id), disabled=False, caller=world.caller)
    scope = TenantScope.of(world.caller)
    await catalogue.mark_for_deletion(ProviderAccount, account.id, scope=scope, token="a")
    with pytest.raises(ProviderAccountNotFoundError):
        await usable_account(str(account.id), caller=world.caller)


async def test_an_account_in_use_is_not_deleted(world: World) -> None:
    """A cancelled one's end frees it; a repeated deletion has the first one's time."""
    account = await account_of(world)
    trained = await training(world, account, caller=world.caller)
    with pytest.raises(ProviderAccountInUseError, match=str(trained.id)):
        await delete_account(str(account.id), caller=world.caller)
    assert (await usable_account(str(account.id), caller=world.caller)).deletion_token is None
    await world.cancel(trained)
    await world.drain(seconds=60)
    deleted_at = await delete_account(str(account.id), caller=world.caller)
    assert await delete_account(str(account.id), caller=world.caller) == deleted_at
    assert "credential" not in await stored(account)


async def test_another_tenants_account_looks_missing(world: World) -> None:
    """In every use case."""
    account, other = str((await account_of(world)).id), replace(world.caller, tenant="other")
    accounts = world.engine.accounts
    for attempt in (
        find_account(account, caller=other),
        usable_account(account, caller=other),
        update_account(account, {"name": "mine"}, caller=other),
        rotate_key(account, KEY, headers={}, caller=other, accounts=accounts),
        set_disabled(account, disabled=True, caller=other),
        delete_account(account, caller=other),
        replace(world, caller=other).create(provider_account_id=account),
    ):
        with pytest.raises(ProviderAccountNotFoundError, match=f"There is no provider account {account}."):
            await attempt


async def test_a_finetuning_takes_the_accounts_model(world: World) -> None:
    """Of its own, or of the server; another model than the allowed ones is refused."""
    account = await account_of(world, default_model="gpt-4", allowed_models=["gpt-4"])
    created = await world.create(provider_account_id=str(account.id))
    assert (created.base_llm.model_name, created.account) == ("gpt-4", account.key)
