"""The maps of custom scalars: complete, and true."""

import json
import tomllib

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_scalar_type,
    is_specified_scalar_type,
)

from tests.examples.workshop import EXAMPLES, ROOT, SCHEMA

TYPES = build_schema(SCHEMA.read_text()).type_map.values()
CUSTOM = {one.name for one in TYPES if is_scalar_type(one) and not is_specified_scalar_type(one)}


@pytest.mark.parametrize("folder", ["examples", "console"])
def test_the_maps_for_typescript_name_every_custom_scalar(folder: str) -> None:
    """A generator turns one that is missing into ``any`` or ``unknown``."""
    assert set(json.loads((ROOT / folder / "scalars.json").read_text())) == CUSTOM


def test_the_map_for_python_names_every_custom_scalar() -> None:
    """A generator turns one that is missing into ``Any``."""
    project = tomllib.loads((EXAMPLES / "python" / "pyproject.toml").read_text())
    assert set(project["tool"]["ariadne-codegen"]["scalars"]) == CUSTOM


def test_every_map_of_strings_is_metadata_or_headers() -> None:
    """Both maps of scalars call it what it is."""
    fields = {
        name
        for one in TYPES
        if isinstance(one, GraphQLObjectType | GraphQLInputObjectType)
        for name, field in one.fields.items()
        if get_named_type(field.type).name == "StringMap"
    }
    arguments = {
        name
        for one in TYPES
        if isinstance(one, GraphQLObjectType)
        for field in one.fields.values()
        for name, argument in field.args.items()
        if get_named_type(argument.type).name == "StringMap"
    }
    assert fields | arguments == {"headers", "metadata"}
