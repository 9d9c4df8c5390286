"""The text of an API key: ``ftk_``, 24 hexadecimal digits of its id, ``_``, its secret and a checksum.

The prefix and the checksum let scanners find a leaked key, and tell a typo from a wrong key.
"""

import hmac
import secrets
import string
import zlib
from dataclasses import dataclass, field
from hashlib import sha256

PREFIX = "ftk_"
ID_LENGTH = 24
SECRET_LENGTH = 43
"""256 bits in base 62."""
CHECKSUM_LENGTH = 6
KEY_LENGTH = len(PREFIX) + ID_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


class MalformedKeyError(Exception):
    """The text is no key of this server; the message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its owner holds it."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> "Key":
        """Return a random key."""
        return cls.of(secrets.token_hex(ID_LENGTH // 2), _random(SECRET_LENGTH))

    @classmethod
    def of(cls, key_id: str, secret: str) -> "Key":
        """Return the key of these parts."""
        unchecked = f"{PREFIX}{key_id}_{secret}"
        return cls(unchecked + _checksum(unchecked))

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Return the key; raises ``MalformedKeyError`` for a text with a wrong form or checksum."""
        if not text.startswith(PREFIX) or len(text) != KEY_LENGTH or not text.isascii():
            raise MalformedKeyError(f"An API key begins with {PREFIX} and has {KEY_LENGTH} characters.")
        if not hmac.compare_digest(_checksum(text[:-CHECKSUM_LENGTH]), text[-CHECKSUM_LENGTH:]):
            raise MalformedKeyError("The API key's checksum is wrong: it is not copied correctly.")
        return cls(text)

    @property
    def id(self) -> str:
        """The public part: the id of the stored key."""
        return self.text[len(PREFIX) : len(PREFIX) + ID_LENGTH]

    def digest(self, pepper: bytes) -> bytes:
        """Return what the database keeps of the key: 32 bytes, worthless without the pepper."""
        return hmac.digest(pepper, self.text.encode(), sha256)


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
