"""The vault: what it encrypts, only its keys open, and only for the same account."""

from dataclasses import asdict

import pytest
from cryptography.fernet import Fernet

from graphql_api.accounts.vault import Credential, SealedError, Vault
from graphql_api.documents import ObjectId, ProviderAccount

ACCOUNT = ProviderAccount.model_construct(id=ObjectId(), provider="openai", base_url=None)
CREDENTIAL = Credential(api_key="sk-canary-0123456789", headers={"x-portkey-api-key": "pk-canary"})


def sealed_by(vault: Vault, account: ProviderAccount = ACCOUNT) -> ProviderAccount:
    """Return the account with the credential, as it is stored."""
    stored: ProviderAccount = account.model_copy(update={"credential": vault.seal(CREDENTIAL, account)})
    return stored


def keys(count: int) -> list[str]:
    """Return new keys."""
    return [Fernet.generate_key().decode() for _ in range(count)]


def test_a_sealed_credential_opens_with_every_key_and_shows_nothing() -> None:
    """The first key encrypts, all decrypt."""
    old, new = keys(2)
    sealed = sealed_by(Vault([old]))
    assert "canary" not in sealed.credential
    assert asdict(Vault([new, old]).open(sealed)) == asdict(CREDENTIAL)
    anew = Vault([new, old]).seal_again(sealed.credential)
    assert asdict(Vault([new]).open(sealed.model_copy(update={"credential": anew}))) == asdict(CREDENTIAL)


def test_without_its_key_nothing_opens() -> None:
    """Neither to be read nor to be encrypted again."""
    one, other = keys(2)
    sealed = sealed_by(Vault([one]))
    with pytest.raises(SealedError):
        Vault([other]).open(sealed)
    with pytest.raises(SealedError):
        Vault([other]).seal_again(sealed.credential)


@pytest.mark.parametrize(
    "moved", [{"id": ObjectId()}, {"provider": "together"}, {"base_url": "https://attacker.example/v1"}]
)
def test_a_credential_opens_for_its_account_and_address_alone(moved: dict[str, object]) -> None:
    """Else it would send one tenant's key to another tenant's address, or to a stranger's."""
    vault = Vault(keys(1))
    with pytest.raises(SealedError):
        vault.open(sealed_by(vault).model_copy(update=moved))


@pytest.mark.parametrize("key", ["", "short", "é" * 43 + "=", "a" * 44])
def test_a_bad_key_is_refused(key: str) -> None:
    """A vault with it could not be used later."""
    with pytest.raises(ValueError, match=r"\S"):
        Vault([key])


def test_a_credential_shows_no_secret() -> None:
    """Neither in a message nor in a traceback."""
    assert "canary" not in f"{CREDENTIAL} {CREDENTIAL!r}"
