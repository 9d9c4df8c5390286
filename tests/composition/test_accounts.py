"""The provider accounts of the settings."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from graphql_api.accounts.vault import Credential
from graphql_api.composition.accounts import open_accounts, own_accounts, vault
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.documents import ObjectId, ProviderAccount
from graphql_api.providers.port import RejectedError
from graphql_api.store.database import Database
from graphql_api.store.provider_accounts import AccountStore

ACCOUNT = ProviderAccount.model_construct(id=ObjectId(), provider="openai", base_url=None)
CREDENTIAL = Credential(api_key="sk-1")
KEYS = ["a" * 43 + "=", "b" * 43 + "="]


def settings_of(path: Path, **given: Any) -> Settings:
    """Return settings with this folder for data."""
    return Settings(data_dir=path, **given)


def test_the_vaults_key_is_kept_beside_an_embedded_database(tmp_path: Path) -> None:
    """The next start opens what this one encrypts."""
    first, second = vault(settings_of(tmp_path)), vault(settings_of(tmp_path))
    assert first is not None
    assert second is not None
    sealed = ACCOUNT.model_copy(update={"credential": first.seal(CREDENTIAL, ACCOUNT)})
    assert second.open(sealed).api_key == "sk-1"
    assert [one.name for one in tmp_path.iterdir()] == ["credential_key"]


def test_the_first_given_key_encrypts_and_all_decrypt(tmp_path: Path) -> None:
    """Spaces around them do not count."""
    old = vault(settings_of(tmp_path, credential_keys=SecretStr(KEYS[0])))
    both = vault(settings_of(tmp_path, credential_keys=SecretStr(f"{KEYS[1]}, {KEYS[0]}\n")))
    assert old is not None
    assert both is not None
    sealed = ACCOUNT.model_copy(update={"credential": old.seal(CREDENTIAL, ACCOUNT)})
    assert both.open(sealed).api_key == "sk-1"
    assert list(tmp_path.iterdir()) == []


def test_a_mongodb_of_ones_own_wants_keys_of_ones_own(tmp_path: Path) -> None:
    """Several servers share it, and a key in one's folder would be of use to none of the others."""
    assert vault(settings_of(tmp_path, mongodb_uri=SecretStr("mongodb://db/?replicaSet=rs"))) is None


@pytest.mark.parametrize("keys", ["canary", f"{KEYS[0]},canary", ","])
def test_a_bad_key_is_named_by_its_setting(tmp_path: Path, keys: str) -> None:
    """Without its value."""
    with pytest.raises(StartError, match="CREDENTIAL_KEYS: each key must be 32 bytes") as refused:
        vault(settings_of(tmp_path, credential_keys=SecretStr(keys)))
    assert "canary" not in str(refused.value)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """It is a file here."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="DATA_DIR: cannot keep"):
        vault(settings_of(tmp_path / "file"))


def test_the_servers_own_account_needs_a_key(tmp_path: Path) -> None:
    """Without one, or with a bad address, the server does not start."""
    with pytest.raises(StartError, match="OPENAI_API_KEY is not set"):
        own_accounts(settings_of(tmp_path))
    bad = settings_of(tmp_path, openai_api_key=SecretStr("sk-1"), openai_base_url="http://x?y")
    with pytest.raises(StartError, match="OPENAI_API_KEY or OPENAI_BASE_URL"):
        own_accounts(bad)


def test_the_servers_own_accounts_are_at_the_providers_with_a_key(tmp_path: Path) -> None:
    """OpenAI's always; Together AI's with a key, and a bad address is named by its setting."""
    given = settings_of(tmp_path, openai_api_key=SecretStr("sk-1"))
    assert own_accounts(given).names == ("openai",)
    both = given.model_copy(update={"together_api_key": SecretStr("tg-1")})
    assert own_accounts(both).names == ("openai", "together")
    bad = both.model_copy(update={"together_base_url": "http://x?y"})
    with pytest.raises(StartError, match="TOGETHER_API_KEY or TOGETHER_BASE_URL"):
        own_accounts(bad)


@pytest.mark.parametrize(
    "given",
    [{"base_url": "https://a.example"}, {"organization": "a"}, {"project": "a"}, {"header_names": ["x-a"]}],
)
async def test_an_account_at_together_ai_has_a_key_and_nothing_else(
    tmp_path: Path, database: Database, given: dict[str, Any]
) -> None:
    """Where its address leads, no guard could rule."""
    settings = settings_of(tmp_path, openai_api_key=SecretStr("sk-1"))
    store = AccountStore(database["provider_accounts"])
    accounts = open_accounts(settings, own_accounts(settings), store)
    account = ProviderAccount.model_construct(
        id=ObjectId(), provider="together", base_url=None, organization=None, project=None
    )
    await accounts.check(account, CREDENTIAL)
    headers = dict.fromkeys(given.get("header_names", ()), "1")
    with pytest.raises(RejectedError, match="Together AI's accounts have no"):
        await accounts.check(account.model_copy(update=given), Credential(api_key="tg-1", headers=headers))
    assert accounts.kinds == ("openai", "together")
    await accounts.close()
    await accounts.own.close()
