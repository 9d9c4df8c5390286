"""The kinds of values that settings take, each with its own check."""

import re
from base64 import b64decode
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from graphql_api.address import is_host, is_network, is_origin
from graphql_api.composition.mongodb_uri import complaint_about

T = TypeVar("T")


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _split(value: object) -> object:
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def _are_hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(is_host, value)):
        raise ValueError(
            "must be names, addresses or networks, without a port and without wildcards, "
            "such as api.example.com or 10.0.0.0/8"
        )
    return value


def _are_networks(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(is_network, value)):
        raise ValueError("must be addresses or networks, such as 10.0.0.7 or 10.0.0.0/8")
    return value


def _are_origins(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(origin == "*" or is_origin(origin) for origin in value):
        raise ValueError(
            "must be *, or origins as browsers send them: scheme and host in lower case, "
            "without a path and the scheme's own port, such as https://app.example.com"
        )
    return value


def _is_well_formed(value: SecretStr) -> SecretStr:
    complaint = complaint_about(value.get_secret_value())
    if complaint is not None:
        raise ValueError(complaint)
    return value


def _has_a_key(value: SecretStr) -> SecretStr:
    _, prefix, encoded = value.get_secret_value().rpartition("whsec_")
    if prefix:  # what follows is the key itself; anything else would refuse every webhook, one by one
        try:
            known = b64decode(encoded, validate=True)
        except ValueError:
            known = b""
        if not known:
            raise ValueError("must be base64 after its prefix whsec_")
    return value


def _is_a_rate(value: str) -> str:
    if not re.fullmatch(r"off|[1-9]\d{0,11}/(second|minute|hour|day)", value):
        raise ValueError("must be off, or a number for a second, minute, hour or day, such as 20/minute")
    return value


Seconds = Annotated[float, Field(gt=0, le=86_400)]
Lowered = Annotated[T, BeforeValidator(_lower)]
"""A word in lower or upper case."""
Listed = Annotated[tuple[T, ...], NoDecode, BeforeValidator(_split)]
"""A list with commas between its items."""
OFF = "off"
"""The word for no limit."""
Rate = Annotated[Lowered[str], AfterValidator(_is_a_rate)]
"""A number for a time, such as ``20/minute``, or ``OFF``."""
Hosts = Annotated[Listed[str], AfterValidator(_are_hosts)]
Networks = Annotated[Listed[str], AfterValidator(_are_networks)]
Origins = Annotated[Listed[str], AfterValidator(_are_origins)]
MongodbUri = Annotated[SecretStr, AfterValidator(_is_well_formed)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_has_a_key)]
