"""The schema's shape: described, named and published.

Descriptions are complete, names follow the rules, and a file is published.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)
from graphql.type import GraphQLField, is_introspection_type, is_specified_scalar_type

from graphql_api.documents import TERMINAL
from graphql_api.schema import schema_sdl

FILE = Path(__file__).parents[2] / "schema.graphql"
PASCAL, CAMEL, SCREAMING = r"[A-Z][A-Za-z0-9]*", r"[a-z][A-Za-z0-9]*", r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"
SCREAMING_WORD = r"\b[A-Z_]{2,}\b"
OF_WHAT_IS_THERE = ("cancel", "delete", "giveUp", "revoke", "update")
CHANGES = ("cancel", "delete", "disable", "enable", "giveUp", "revoke", "rotate", "test", "update")
VERBS = ("add", "create", *CHANGES)

Described = tuple[str, str | None]


@pytest.fixture(scope="module")
def published() -> GraphQLSchema:
    """Yield the schema as a client reads it from the file."""
    return build_schema(FILE.read_text(encoding="utf-8"))


def own_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    """Return the types that are not GraphQL's own."""
    return [
        type_
        for type_ in schema.type_map.values()
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
    ]


def object_fields(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    """Yield every field of every object type and interface under its full name."""
    for type_ in own_types(schema):
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            yield from ((f"{type_.name}.{name}", one) for name, one in type_.fields.items())


def elements(schema: GraphQLSchema) -> Iterator[Described]:
    """Yield every type, field, argument, input field and enum value with its description."""
    for type_ in own_types(schema):
        yield type_.name, type_.description
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{type_.name}.{name}", one.description) for name, one in type_.fields.items())
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{type_.name}.{name}", one.description) for name, one in type_.values.items())
    for path, one in object_fields(schema):
        yield path, one.description
        yield from ((f"{path}({name})", argument.description) for name, argument in one.args.items())


def test_the_file_is_the_schema() -> None:
    """Byte for byte: clients are generated from it."""
    assert FILE.read_text(encoding="utf-8") == schema_sdl()


def test_everything_is_described(published: GraphQLSchema) -> None:
    """Each in a sentence of its own."""
    described = dict(elements(published))
    assert len(described) > 150
    assert [path for path, text in described.items() if not text or len(text) < 8] == []
    assert [path for path, text in described.items() if text and not text[0].isupper()] == []


def test_final_statuses_are_named(published: GraphQLSchema) -> None:
    """By themselves, not by their place: the file is sorted."""
    status = published.type_map["FinetuningStatus"]
    assert set(re.findall(SCREAMING_WORD, status.description or "")) == {one.name for one in TERMINAL}


def test_names_follow_the_rules(published: GraphQLSchema) -> None:
    """PascalCase for types, camelCase for fields and arguments, SCREAMING_SNAKE_CASE for enum values."""
    for type_ in own_types(published):
        assert re.fullmatch(PASCAL, type_.name)
        if isinstance(type_, GraphQLEnumType):
            assert all(re.fullmatch(SCREAMING, name) for name in type_.values)
        if isinstance(type_, GraphQLInputObjectType | GraphQLObjectType):
            assert all(re.fullmatch(CAMEL, name) for name in type_.fields)
    for _, one in object_fields(published):
        assert all(re.fullmatch(CAMEL, name) for name in one.args)


def test_mutations_begin_with_their_verb(published: GraphQLSchema) -> None:
    """A create takes one input; a change names its object by an argument of its own."""
    assert published.mutation_type is not None
    for name, mutation in published.mutation_type.fields.items():
        assert name.startswith(VERBS)
        assert next(iter(mutation.args)) == "input" or name.startswith(CHANGES)


def test_booleans_read_as_statements(published: GraphQLSchema) -> None:
    """For example isCancellable."""
    booleans = [path for path, one in object_fields(published) if str(one.type).rstrip("!") == "Boolean"]
    assert booleans
    assert all(path.split(".")[1].startswith(("is", "has")) for path in booleans)


def test_lists_are_never_null_but_for_one(published: GraphQLSchema) -> None:
    """Only a finetuning's golden records may be null, for all of them; no list has holes."""
    lists = {path: str(one.type) for path, one in object_fields(published) if "[" in str(one.type)}
    nullable = [path for path, type_ in lists.items() if not type_.endswith("!")]
    assert nullable == ["Finetuning.goldenRecords"]
    assert [path for path, type_ in lists.items() if "!]" not in type_] == []


def test_absent_differs_from_null(published: GraphQLSchema) -> None:
    """No argument and no input field has null for its default."""
    assert " = null" not in FILE.read_text(encoding="utf-8")
    assert "cancelFinetuning" in (published.mutation_type or published.query_type).fields  # type: ignore[union-attr]  # one of them
