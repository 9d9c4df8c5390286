"""The secrets among the settings, to be hidden in logs and complaints."""

import json
from collections.abc import Iterator
from urllib.parse import unquote

from pydantic import SecretStr

from graphql_api.composition.settings import Settings
from graphql_api.redaction import RUN, Redaction


def redaction_of(settings: Settings) -> Redaction:
    """Return what hides the secrets of these settings.

    A shorter secret would hide ordinary words of the logs, so it stays.
    """
    return Redaction(*(secret for secret in secrets_of(settings) if len(secret) >= RUN))


def secrets_of(settings: Settings) -> Iterator[str]:
    """Yield each secret in its spellings; of an address only the password is one."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and "://" in text:
            yield from _spelled(_password(text))
        elif isinstance(value, SecretStr):
            yield from _spelled(value.get_secret_value().removeprefix("whsec_"))


def _password(address: str) -> str:
    credentials, at, _ = address.partition("://")[2].rpartition("@")
    return credentials.partition(":")[2] if at else ""


def _spelled(secret: str) -> Iterator[str]:
    """Yield the secret as it is given, without an address's escapes, and as JSON has it."""
    for one in {secret, unquote(secret)}:
        yield one
        yield json.dumps(one)[1:-1]
