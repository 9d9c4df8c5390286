"""The vault: what it encrypts, only its keys open, and only for the same account."""

from dataclasses import asdict

import pytest
from cryptography.fernet import Fernet

from graphql_api.accounts.vault import Credential, SealedError, Vault
from graphql_api.documents import ObjectId

ACCOUNT = ObjectId()
CREDENTIAL = Credential(api_key="sk-canary-0123456789", headers={"x-portkey-api-key": "pk-canary"})


def keys(count: int) -> list[str]:
    """Return new keys."""
    return [Fernet.generate_key().decode() for _ in range(count)]


def test_a_sealed_credential_opens_with_every_key_and_shows_nothing() -> None:
    """The first key encrypts, all decrypt."""
    old, new = keys(2)
    sealed = Vault([old]).seal(CREDENTIAL, account=ACCOUNT)
    assert "canary" not in sealed
    assert asdict(Vault([new, old]).open(sealed, account=ACCOUNT)) == asdict(CREDENTIAL)
    anew = Vault([new, old]).seal_again(sealed)
    assert asdict(Vault([new]).open(anew, account=ACCOUNT)) == asdict(CREDENTIAL)


def test_without_its_key_nothing_opens() -> None:
    """Neither to be read nor to be encrypted again."""
    one, other = keys(2)
    sealed = Vault([one]).seal(CREDENTIAL, account=ACCOUNT)
    with pytest.raises(SealedError):
        Vault([other]).open(sealed, account=ACCOUNT)
    with pytest.raises(SealedError):
        Vault([other]).seal_again(sealed)


def test_a_credential_moved_to_another_account_does_not_open() -> None:
    """It would send one tenant's key to another tenant's address."""
    vault = Vault(keys(1))
    sealed = vault.seal(CREDENTIAL, account=ACCOUNT)
    with pytest.raises(SealedError):
        vault.open(sealed, account=ObjectId())


@pytest.mark.parametrize("key", ["", "short", "é" * 43 + "=", "a" * 44])
def test_a_bad_key_is_refused(key: str) -> None:
    """A vault with it could not be used later."""
    with pytest.raises(ValueError, match=r"\S"):
        Vault([key])


def test_a_credential_shows_no_secret() -> None:
    """Neither in a message nor in a traceback."""
    assert "canary" not in f"{CREDENTIAL} {CREDENTIAL!r}"
