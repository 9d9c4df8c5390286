"""Encrypts the credentials of provider accounts.

The encryption is Fernet's: AES with a signature, so a changed text is noticed. Each text names its account
and where that leads, so a credential beside another address, or in another document, is noticed, too.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from graphql_api.documents import ProviderAccount
from graphql_api.redaction import HIDDEN


class SealedError(Exception):
    """None of the vault's keys opens a credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """The secrets of an account: its API key, and headers to be sent with each request."""

    api_key: str = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        """Return no secret."""
        return HIDDEN


class Vault:
    """Encrypts with the first key, decrypts with all.

    A key is 32 bytes in URL-safe base64, as ``Fernet.generate_key`` makes it; ``ValueError`` for any other.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, credential: Credential, account: ProviderAccount) -> str:
        """Return the credential, encrypted for this account and its address."""
        content = {
            "bound_to": _binding(account),
            "api_key": credential.api_key,
            "headers": credential.headers,
        }
        return self._fernet.encrypt(json.dumps(content).encode()).decode()

    def open(self, account: ProviderAccount) -> Credential:
        """Return the account's credential; raises ``SealedError`` without its key, or if it is another's."""
        try:
            content = json.loads(self._fernet.decrypt(account.credential))
        except InvalidToken:
            raise SealedError from None
        if content["bound_to"] != _binding(account):
            raise SealedError
        return Credential(api_key=content["api_key"], headers=content["headers"])

    def seal_again(self, sealed: str) -> str:
        """Return the text encrypted with the first key; raises ``SealedError``."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            raise SealedError from None


def _binding(account: ProviderAccount) -> list[str | None]:
    """Return what never changes about an account: its id, its provider, and its address."""
    return [str(account.id), account.provider, account.base_url]
