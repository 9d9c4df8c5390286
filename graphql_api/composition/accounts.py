"""Makes the provider accounts of the settings: the server's own, and the way to tenants'."""

from functools import partial
from typing import TypedDict

from cryptography.fernet import Fernet

from graphql_api.accounts.opening import Accounts, Line
from graphql_api.accounts.vault import Credential, Vault
from graphql_api.composition.kept_secrets import kept
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.documents import ProviderAccount
from graphql_api.errors import first_line
from graphql_api.providers.circuit import Circuit
from graphql_api.providers.openai import OpenAIProvider, Sent
from graphql_api.providers.outbound import OutboundGuard
from graphql_api.providers.port import FinetuningProvider, ProviderFault, RejectedError
from graphql_api.providers.registry import Providers
from graphql_api.providers.together import TogetherProvider
from graphql_api.store.provider_accounts import AccountStore

CREDENTIAL_KEY_FILE = "credential_key"


class _Limits(TypedDict):
    """The limits of an account's calls; times in seconds."""

    call_timeout_s: float
    upload_timeout_s: float
    circuit: Circuit


def open_accounts(settings: Settings, own: Providers, store: AccountStore) -> Accounts:
    """Return the accounts, the server's own and those in the store; raises ``StartError``."""
    retired_s = settings.openai_timeout_s + settings.openai_upload_timeout_s
    return Accounts(
        own,
        store=store,
        vault=vault(settings),
        makers={"openai": partial(_openai, settings), "together": partial(_together, settings)},
        guard=OutboundGuard(allowed_hosts=settings.provider_allowed_hosts),
        retired_s=retired_s,
    )


def own_accounts(settings: Settings) -> Providers:
    """Return the server's own accounts, without a call; raises ``StartError``."""
    if settings.openai_api_key is None:
        raise StartError("OPENAI_API_KEY is not set; set it, or start with --sandbox to try things out")
    own: dict[str, FinetuningProvider] = {}
    try:
        own["openai"] = OpenAIProvider(
            settings.openai_api_key, settings.openai_base_url, **_limits(settings, Circuit())
        )
    except ProviderFault as unusable:
        raise StartError(f"OPENAI_API_KEY or OPENAI_BASE_URL: {unusable.message}") from unusable
    if settings.together_api_key is not None:
        try:
            own["together"] = TogetherProvider(
                settings.together_api_key, settings.together_base_url, **_limits(settings, Circuit())
            )
        except ProviderFault as unusable:
            raise StartError(f"TOGETHER_API_KEY or TOGETHER_BASE_URL: {unusable.message}") from unusable
    return Providers(own)


def vault(settings: Settings) -> Vault | None:
    """Return the vault of the accounts' credentials; its key is made beside an embedded database.

    ``None`` without a key for a MongoDB of one's own: then no tenant can have an account.
    """
    try:
        if settings.credential_keys is not None:
            return Vault([key.strip() for key in settings.credential_keys.get_secret_value().split(",")])
    except ValueError:
        raise StartError(
            "CREDENTIAL_KEYS: each key must be 32 bytes in URL-safe base64, separated by commas"
        ) from None
    if settings.mongodb_uri is not None:
        return None
    file = settings.data_dir / CREDENTIAL_KEY_FILE
    try:
        return Vault([kept(file, made=lambda: Fernet.generate_key().decode())])
    except (OSError, ValueError) as unusable:
        raise StartError(f"DATA_DIR: cannot keep {file}: {first_line(unusable)}") from unusable


def _limits(settings: Settings, circuit: Circuit) -> _Limits:
    return _Limits(
        call_timeout_s=settings.openai_timeout_s,
        upload_timeout_s=settings.openai_upload_timeout_s,
        circuit=circuit,
    )


def _openai(
    settings: Settings, account: ProviderAccount, credential: Credential, line: Line
) -> OpenAIProvider:
    sent = Sent(organization=account.organization, project=account.project, headers=credential.headers)
    return OpenAIProvider(
        credential.api_key, account.base_url, sent=sent, guard=line.guard, **_limits(settings, line.circuit)
    )


def _together(
    settings: Settings, account: ProviderAccount, credential: Credential, line: Line
) -> TogetherProvider:
    """Return the client of a tenant's account at Together AI itself.

    Its SDK connects by another HTTP client, which no guard rules. So a tenant names no address.
    """
    if line.guard is not None or credential.headers or account.organization or account.project:
        raise RejectedError("Together AI's accounts have no baseUrl, headers, organization or project")
    return TogetherProvider(credential.api_key, settings.together_base_url, **_limits(settings, line.circuit))
