"""What owners do with their accounts, each within its tenant."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from graphql_api.accounts.errors import (
    CredentialSealedError,
    ProviderAccountBusyError,
    ProviderAccountDisabledError,
    ProviderAccountInUseError,
    ProviderAccountNameTakenError,
    ProviderAccountNotFoundError,
    ProviderAccountsOffError,
    TooManyProviderAccountsError,
)
from graphql_api.accounts.manage import (
    MOST_ACCOUNTS,
    MOST_TRIES,
    delete_account,
    find_account,
    rotate_key,
    set_disabled,
    update_account,
    usable_account,
)
from graphql_api.accounts.opening import Accounts
from graphql_api.accounts.vault import Credential, Vault
from graphql_api.documents import ObjectId, ProviderAccount
from graphql_api.errors import BadUserInputError, ProviderNotSupportedError, UnsafeBaseUrlError
from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.port import CredentialsError, RejectedError
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


class _Interrupted(OpenAIProvider):
    """A client whose end lets another caller act, between a rotation's read and its write."""

    def __init__(self, act: Callable[[], Awaitable[object]]) -> None:
        super().__init__(KEY, None, call_timeout_s=1, upload_timeout_s=1)
        self._act = act

    async def close(self) -> None:
        """Let the other act."""
        await super().close()
        await self._act()


async def _rotated_amid(
    world: World, account: ProviderAccount, others: Iterator[Mapping[str, str]]
) -> ProviderAccount:
    """Rotate the key, and keep the headers; at each try another rotation sets the next of these."""
    ours = world.engine.accounts

    async def act() -> None:
        if (headers := next(others, None)) is not None:
            await rotate_key(
                str(account.id), "sk-of-another-4567", headers=headers, caller=world.caller, accounts=ours
            )

    interrupted = Accounts(ours.own, vault=ours.vault, makers={"openai": lambda *_: _Interrupted(act)})
    return await rotate_key(
        str(account.id), "sk-last-0123456789", headers=None, caller=world.caller, accounts=interrupted
    )


async def test_a_rotation_keeps_the_headers_of_one_that_was_faster(world: World) -> None:
    """The last one has the key, the faster one the headers."""
    account = await account_of(world, headers={"x-a": "1"})
    left = await _rotated_amid(world, account, iter([{"x-b": "2"}]))
    vault = world.engine.accounts.vault
    assert vault is not None
    opened = vault.open(left)
    assert opened == Credential(api_key="sk-last-0123456789", headers={"x-b": "2"})
    assert left.header_names == ["x-b"]


async def test_a_rotation_ends_beside_endless_others(world: World) -> None:
    """Theirs counts, and the caller is told."""
    account = await account_of(world)
    others = [{"x-a": str(number)} for number in range(MOST_TRIES + 1)]
    left = iter(others)
    with pytest.raises(ProviderAccountBusyError, match=str(account.id)):
        await _rotated_amid(world, account, left)
    assert list(left) == others[MOST_TRIES:]
    assert (await find_account(str(account.id), caller=world.caller)).key_ending == "4567"


@pytest.mark.parametrize(
    ("fault", "details"),
    [(RejectedError("no"), {}), (CredentialsError("no"), {"argument": "apiKey"})],
)
async def test_what_no_client_can_be_made_of_is_refused(
    world: World, fault: Exception, details: dict[str, str]
) -> None:
    """Any of the fields may be at fault, so only that of the key is named."""

    def refuse(*_: object) -> OpenAIProvider:
        raise fault

    ours = world.engine.accounts
    accounts = Accounts(ours.own, vault=ours.vault, makers={"openai": refuse})
    with pytest.raises(BadUserInputError, match="no") as refused:
        await account_of(replace(world, engine=replace(world.engine, accounts=accounts)))
    assert refused.value.details == details


async def test_a_tenant_has_a_bounded_number_of_accounts(world: World) -> None:
    """Another tenant's do not count, nor deleted ones."""
    first = await account_of(world)
    copies = [
        first.model_copy(update={"id": ObjectId(), "name": str(number)})
        for number in range(MOST_ACCOUNTS - 1)
    ]
    await catalogue.insert(copies)
    with pytest.raises(TooManyProviderAccountsError, match="at most 100 "):
        await account_of(world, name="one more")
    await account_of(world, caller=replace(world.caller, tenant="other"))
    await delete_account(str(first.id), caller=world.caller)
    assert (await account_of(world, name="one more")).name == "one more"


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
