"""Creates, changes, disables and deletes provider accounts, and rotates their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graphql_api import inputs
from graphql_api.accounts import fields
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
from graphql_api.accounts.opening import Accounts
from graphql_api.accounts.vault import Credential, SealedError, Vault
from graphql_api.caller import Caller
from graphql_api.documents import ObjectId, ProviderAccount
from graphql_api.errors import BadUserInputError, ProviderNotSupportedError
from graphql_api.providers.port import CredentialsError, RejectedError
from graphql_api.store import catalogue, reads
from graphql_api.store.deletion import StillUsedError, delete_unused, to_its_end
from graphql_api.tenancy import TenantScope

MOST_ACCOUNTS = 100
"""The most accounts of a tenant; creates at the same moment may pass it together."""
MOST_TRIES = 3
"""How often a rotation begins again because another one was faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProviderAccount:
    """A client's new account."""

    name: str
    provider: str
    api_key: str = field(repr=False)
    base_url: str | None = None
    organization: str | None = None
    project: str | None = None
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    default_model: str | None = None
    allowed_models: Sequence[str] | None = None
    metadata: object = None


async def find_account(account_id: str, *, caller: Caller) -> ProviderAccount:
    """Return the caller's account; raises ``BadUserInputError`` or ``ProviderAccountNotFoundError``."""
    document_id = inputs.object_id(account_id, name="providerAccountId")
    account = await reads.find(ProviderAccount, document_id, scope=TenantScope.of(caller))
    if account is None:
        raise ProviderAccountNotFoundError(account_id)
    return account


async def usable_account(account_id: str, *, caller: Caller) -> ProviderAccount:
    """Return the caller's account for new work; one being deleted counts as missing.

    Raises ``BadUserInputError``, ``ProviderAccountNotFoundError`` or ``ProviderAccountDisabledError``.
    """
    account = await find_account(account_id, caller=caller)
    scope = TenantScope.of(caller)
    if account.deletion_token and not await catalogue.is_usable(ProviderAccount, account.id, scope=scope):
        raise ProviderAccountNotFoundError(account_id)
    if account.is_disabled:
        raise ProviderAccountDisabledError(account_id)
    return account


async def create_account(given: NewProviderAccount, *, caller: Caller, accounts: Accounts) -> ProviderAccount:
    """Store the account, its credential encrypted, and return it.

    Raises ``BadUserInputError``, ``UnsafeBaseUrlError``, ``ProviderNotSupportedError``,
    ``ProviderAccountNameTakenError``, ``TooManyProviderAccountsError`` or ``ProviderAccountsOffError``.
    """
    vault = _vault(accounts)
    if given.provider not in accounts.kinds:
        raise ProviderNotSupportedError(given.provider, supported=accounts.kinds)
    credential = Credential(api_key=fields.api_key(given.api_key), headers=fields.headers(given.headers))
    allowed = fields.allowed_models(given.allowed_models)
    default = fields.optional_text(
        given.default_model, name="defaultModel", longest=fields.LONGEST_MODEL_NAME
    )
    fields.check_models(default, allowed)
    now = datetime.now(UTC)
    account = ProviderAccount(
        tenant=caller.tenant,
        name=fields.name(given.name),
        provider=given.provider,
        base_url=fields.base_url(given.base_url, guard=accounts.guard),
        organization=fields.optional_id(given.organization, name="organization"),
        project=fields.optional_id(given.project, name="project"),
        credential="",
        key_ending="",
        key_changed_at=now,
        default_model=default,
        allowed_models=allowed,
        metadata=inputs.metadata(given.metadata),
        created_at=now,
        updated_at=now,
    )
    await _check(account, credential, accounts=accounts)
    if await reads.count(ProviderAccount, scope=TenantScope.of(caller)) >= MOST_ACCOUNTS:
        raise TooManyProviderAccountsError(MOST_ACCOUNTS)
    sealed: ProviderAccount = account.model_copy(update=_sealed(credential, account, vault=vault))
    stored = await catalogue.insert([sealed])
    if not stored:
        raise ProviderAccountNameTakenError(account.name)
    return stored[0]


async def update_account(account_id: str, given: Mapping[str, object], *, caller: Caller) -> ProviderAccount:
    """Set the given fields, leave the others, and return the account.

    Raises ``BadUserInputError``, ``ProviderAccountNotFoundError`` or ``ProviderAccountNameTakenError``.
    """
    account = await find_account(account_id, caller=caller)
    checked = _changes(given)
    fields.check_models(
        checked.get("default_model", account.default_model),
        checked.get("allowed_models", account.allowed_models),
    )
    return await _changed(account, checked, caller=caller) if checked else account


async def rotate_key(
    account_id: str,
    api_key: str,
    *,
    headers: Mapping[str, str] | None,
    caller: Caller,
    accounts: Accounts,
) -> ProviderAccount:
    """Replace the account's key, for its jobs under way, too, and return the account.

    Without ``headers`` the newest ones stay. Raises ``BadUserInputError``, ``ProviderAccountNotFoundError``,
    ``ProviderAccountsOffError``, ``CredentialSealedError`` or ``ProviderAccountBusyError``.
    """
    vault, key = _vault(accounts), fields.api_key(api_key)
    given = None if headers is None else fields.headers(headers)
    for _ in range(MOST_TRIES):
        account = await find_account(account_id, caller=caller)
        kept = _opened(account, vault=vault).headers if given is None else given
        credential = Credential(api_key=key, headers=kept)
        await _check(account, credential, accounts=accounts)
        sealed = _sealed(credential, account, vault=vault)
        if rotated := await _exchanged(account, sealed, caller=caller):
            return rotated
    raise ProviderAccountBusyError(account_id)


async def set_disabled(account_id: str, *, disabled: bool, caller: Caller) -> ProviderAccount:
    """Disable or enable the account, and return it; repeating is safe."""
    account = await find_account(account_id, caller=caller)
    if account.is_disabled is disabled:
        return account
    return await _changed(account, {"is_disabled": disabled}, caller=caller)


async def delete_account(account_id: str, *, caller: Caller) -> datetime:
    """Delete the account with its credential and return its deletion time; repeating is safe.

    Raises ``BadUserInputError``, ``ProviderAccountNotFoundError`` or ``ProviderAccountInUseError``.
    """
    document_id = inputs.object_id(account_id, name="providerAccountId")
    return await to_its_end(_delete(document_id, scope=TenantScope.of(caller)))


async def _delete(account_id: ObjectId, *, scope: TenantScope) -> datetime:
    find_users = catalogue.users_of_account
    try:
        deleted_at = await delete_unused(ProviderAccount, account_id, scope=scope, find_users=find_users)
    except StillUsedError as used:
        raise ProviderAccountInUseError(account_id, finetunings=used.users) from None
    if deleted_at is None:
        raise ProviderAccountNotFoundError(account_id)
    return deleted_at


def _vault(accounts: Accounts) -> Vault:
    if accounts.vault is None:
        raise ProviderAccountsOffError
    return accounts.vault


def _opened(account: ProviderAccount, *, vault: Vault) -> Credential:
    try:
        return vault.open(account)
    except SealedError:
        raise CredentialSealedError(account.id) from None


def _sealed(credential: Credential, account: ProviderAccount, *, vault: Vault) -> dict[str, Any]:
    """Return the fields of the account with this credential."""
    return {
        "credential": vault.seal(credential, account),
        "key_ending": fields.key_ending(credential.api_key),
        "key_changed_at": datetime.now(UTC),
        "header_names": sorted(credential.headers),
    }


async def _check(account: ProviderAccount, credential: Credential, *, accounts: Accounts) -> None:
    """Raise ``BadUserInputError`` if no client can be made of the account."""
    try:
        await accounts.check(account, credential)
    except CredentialsError as unusable:
        raise BadUserInputError(unusable.message, argument="apiKey") from None
    except RejectedError as unusable:
        raise BadUserInputError(unusable.message) from None


def _changes(given: Mapping[str, object]) -> dict[str, Any]:
    checks: dict[str, Any] = {
        "name": fields.name,
        "default_model": lambda value: fields.optional_text(
            value, name="defaultModel", longest=fields.LONGEST_MODEL_NAME
        ),
        "allowed_models": fields.allowed_models,
        "metadata": inputs.metadata,
    }
    return {name: checks[name](value) for name, value in given.items()}


async def _exchanged(
    account: ProviderAccount, sealed: Mapping[str, Any], *, caller: Caller
) -> ProviderAccount | None:
    """Store the new credential; ``None`` if another one was stored since the account was read."""
    scope, where = TenantScope.of(caller), {"credential": account.credential}
    return await catalogue.change(ProviderAccount, account.id, scope=scope, given=sealed, where=where)


async def _changed(
    account: ProviderAccount, changes: Mapping[str, Any], *, caller: Caller
) -> ProviderAccount:
    scope = TenantScope.of(caller)
    changed = await catalogue.change(ProviderAccount, account.id, scope=scope, given=changes, where={})
    if changed is not None:
        return changed
    if "name" in changes and await reads.find(ProviderAccount, account.id, scope=scope):
        raise ProviderAccountNameTakenError(changes["name"])
    raise ProviderAccountNotFoundError(account.id)
