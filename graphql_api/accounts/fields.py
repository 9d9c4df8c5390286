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
    return _plain(value, name="apiKey", longest=LONGEST_KEY)


def optional_id(value: object, *, name: str) -> str | None:
    """Return an id of the provider without white space around it, or ``None`` for none.

    Raises ``BadUserInputError``.
    """
    return None if value is None else _plain(value, name=name, longest=LONGEST_ID)


def key_ending(key: str) -> str:
    """Return the last characters of the key, for people to tell keys apart."""
    return key[-SHOWN_CHARACTERS:] if len(key) >= SHORTEST_SHOWN_KEY else ""


def headers(value: object) -> dict[str, str]:
    """Return the headers, names in lower case; raises ``BadUserInputError`` with no value in it."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadUserInputError("headers must be a map of strings to strings.", argument="headers")
    if len(value) > MOST_HEADERS:
        raise BadUserInputError(f"headers must have at most {MOST_HEADERS} pairs.", argument="headers")
    given = {_header_name(header): _header(header, text) for header, text in value.items()}
    if len(given) < len(value):
        raise BadUserInputError("headers must not have a name twice, in any case.", argument="headers")
    return given


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


def is_allowed(model: str, *, allowed: Sequence[str]) -> bool:
    """Return whether the model's name matches one of the shell patterns; without any, every name does."""
    return not allowed or any(fnmatchcase(model, pattern) for pattern in allowed)


def check_models(default: str | None, allowed: Sequence[str]) -> None:
    """Raise ``BadUserInputError`` for a default model that is not among the allowed ones."""
    if default and not is_allowed(default, allowed=allowed):
        raise BadUserInputError("defaultModel must match one of allowedModels.", argument="defaultModel")


def _header_name(header: object) -> str:
    """Return the name in lower case; one that is no name may be a whole header, so no error repeats it."""
    if not isinstance(header, str) or not _HEADER_NAME.fullmatch(header):
        raise BadUserInputError("headers must have names of HTTP headers.", argument="headers")
    if header.lower() in _NOT_TO_BE_SET:
        raise BadUserInputError(f"headers must not have {header!r}.", argument="headers")
    return header.lower()


def _header(header: str, text: object) -> str:
    if not isinstance(text, str):
        raise BadUserInputError(f"headers: the value of {header!r} must be a string.", argument="headers")
    if len(text) > LONGEST_HEADER or not _is_plain(text) or text != text.strip():
        raise BadUserInputError(
            f"headers: the value of {header!r} must have at most {LONGEST_HEADER} printable ASCII characters "
            "without white space around them.",
            argument="headers",
        )
    return text


def _plain(value: object, *, name: str, longest: int) -> str:
    text = inputs.text(value, name=name, longest=longest).strip()
    if not _is_plain(text):
        raise BadUserInputError(f"{name} must have printable ASCII characters only.", argument=name)
    return text


def _is_plain(text: str) -> bool:
    """Return whether a header of HTTP can carry the text."""
    return text.isascii() and text.isprintable()
