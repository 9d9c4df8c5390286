"""Enums whose values are all described."""

from enum import Enum

import pytest

from graphql_api.schema.enums import described_enum


class Light(Enum):
    """Two values."""

    RED = "red"
    GREEN = "green"


def test_each_value_has_its_description() -> None:
    """Clients read it in GraphiQL."""
    described = described_enum(Light, description="A light.", values={Light.RED: "Stop.", Light.GREEN: "Go."})
    values = described.__strawberry_definition__.values  # type: ignore[attr-defined]  # added by Strawberry
    assert {value.name: value.description for value in values} == {"RED": "Stop.", "GREEN": "Go."}


def test_a_value_without_a_description_is_no_schema() -> None:
    """A new value of a document cannot be forgotten."""
    with pytest.raises(KeyError):
        described_enum(Light, description="A light.", values={Light.RED: "Stop."})
