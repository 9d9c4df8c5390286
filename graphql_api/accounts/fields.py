"""Checks the fields of a provider account; each failure names the bad argument."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from graphql_api import inputs
from graphql_api.errors import BadUserInputError
from graphql_api.providers.outbound import OutboundGuard, checked_base_url

LONGEST_KEY = 4096
LONGEST_URL = 2048
LONGEST_MODEL_NAME = 256
LONGEST_ID = 128
MOST_PATTERNS = 100
MOST_HEADERS = 16
LONGEST_HEADER = 4096
SHOWN_CHARACTERS = 4
SHORTEST_SHOWN_KEY = 16
"""Of a shorter key, four characters would be too large a part."""
RESERVED_NAME = "default"
"""The server's own account."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_NOT_TO_BE_SET = frozenset(
    {"authorization", "connection", "content-length", "content-type", "cookie", "host", "transfer-encoding"}
)


def name(value: object) -> str:
    """Return the account's name; raises ``BadUserInputError``."""
    given = inputs.text(value, name="name", longest=inputs.LONGEST_ALIAS)
    if given == RESERVED_NAME:
        raise BadUserInputError(
            f'name must not be "{RESERVED_NAME}": the server\'s own account has that name.', argument="name"
        )
    return given


def optional_text(value: object, *, name: str, longest: int) -> str | None:
    """Return the text, or ``None`` for none; raises ``BadUserInputError``."""
    return None if value is None else inputs.text(value, name=name, longest=longest)


def base_url(value: object, *, guard: OutboundGuard) -> str | None:
    """Return the address in its one spelling; raises ``BadUserInputError`` or ``UnsafeBaseUrlError``."""
    given = optional_text(value, name="baseUrl", longest=LONGEST_URL)
    return None if given is None else checked_base_url(given, guard=guard)


def api_key(value: object) -> str:
    """Return the key without white space around it; raises ``BadUserInputError`` with no part of it."""
    key = inputs.text(value, name="apiKey", longest=LONGEST_KEY).strip()
    if not (key.isascii() and key.isprintable()):
        raise BadUserInputError("apiKey must have printable ASCII characters only.", argument="apiKey")
    return key


def key_ending(key: str) -> str:
    """Return the last characters of the key, for people to tell keys apart."""
    return key[-SHOWN_CHARACTERS:] if len(key) >= SHORTEST_SHOWN_KEY else ""


def headers(value: Mapping[str, str] | None) -> dict[str, str]:
    """Return the headers, names in lower case; raises ``BadUserInputError`` with no value in it."""
    given = value or {}
    if len(given) > MOST_HEADERS:
        raise BadUserInputError(f"headers must have at most {MOST_HEADERS} pairs.", argument="headers")
    for header, text in given.items():
        if not _HEADER_NAME.fullmatch(header) or header.lower() in _NOT_TO_BE_SET:
            raise BadUserInputError(f"headers must not have {header[:64]!r}.", argument="headers")
        if len(text) > LONGEST_HEADER or not (text.isascii() and text.isprintable()):
            raise BadUserInputError(
                f"headers: the value of {header!r} must have at most {LONGEST_HEADER} printable ASCII "
                "characters.",
                argument="headers",
            )
    return {header.lower(): text for header, text in given.items()}


def allowed_models(value: Sequence[str] | None) -> list[str]:
    """Return the patterns of the allowed models; raises ``BadUserInputError``."""
    patterns = value or ()
    if len(patterns) > MOST_PATTERNS:
        raise BadUserInputError(
            f"allowedModels must have at most {MOST_PATTERNS} entries.", argument="allowedModels"
        )
    return [
        inputs.text(one, name=f"allowedModels[{index}]", longest=LONGEST_MODEL_NAME)
        for index, one in enumerate(patterns)
    ]


def check_models(default: str | None, allowed: Sequence[str]) -> None:
    """Raise ``BadUserInputError`` for a default model that is not among the allowed ones."""
    if default and allowed and not any(fnmatchcase(default, pattern) for pattern in allowed):
        raise BadUserInputError("defaultModel must match one of allowedModels.", argument="defaultModel")
