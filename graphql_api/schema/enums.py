"""Enums of the documents as GraphQL enums with descriptions."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

E = TypeVar("E", bound=type[Enum])


def described_enum(cls: E, *, description: str, values: Mapping[Enum, str]) -> E:
    """Register the enum with its descriptions; raises ``KeyError`` for an undescribed value."""
    registered = strawberry.enum(cls, description=description)
    for value in registered.__strawberry_definition__.values:  # type: ignore[attr-defined]  # added just above
        value.description = values[cls[value.name]]
    return registered
