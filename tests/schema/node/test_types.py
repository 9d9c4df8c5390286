"""The interface of nodes."""

from graphql import GraphQLInterfaceType, GraphQLObjectType

from graphql_api.schema import build_schema
from graphql_api.schema.node.queries import KINDS
from graphql_api.schema.requires import NOUNS

GRAPHQL = build_schema()._schema


def test_every_noun_is_a_node() -> None:
    """Each type with scopes of its own, and no other; each has a document to look for."""
    node = GRAPHQL.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert {one.name for one in GRAPHQL.get_possible_types(node)} == set(NOUNS) == set(KINDS)


def test_an_id_is_as_relay_wants_it() -> None:
    """An ID that is always there, in the interface and in each type."""
    for name in ("Node", *NOUNS):
        kind = GRAPHQL.type_map[name]
        assert isinstance(kind, GraphQLInterfaceType | GraphQLObjectType)
        assert [str(kind.fields[one].type) for one in ("id", "nodeId")] == ["ID!", "ID!"]
