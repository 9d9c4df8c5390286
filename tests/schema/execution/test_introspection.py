"""A hidden schema: no document may ask for it.

``tests/http/graphql/test_exposure.py`` has the same over every transport.
"""

import pytest
from graphql import parse

from graphql_api.errors import IntrospectionOffError
from graphql_api.schema.execution.introspection import refuse_introspection


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { description } }",
        '{ a: __type(name: "Query") { name } }',
        "query A { x } query B { __schema { description } }",
        "{ x } fragment Unused on Query { __schema { description } }",
        "{ x { y { ... on Query { ... @skip(if: true) { __schema { description } } } } } }",
        "subscription { __schema { description } }",
    ],
)
def test_the_schema_is_found_anywhere(document: str) -> None:
    """In any operation, fragment or depth, in use or not."""
    with pytest.raises(IntrospectionOffError):
        refuse_introspection(parse(document))


def test_the_name_of_a_type_is_no_introspection() -> None:
    """Clients' caches want it everywhere, and aliases are their own."""
    refuse_introspection(parse("{ __typename __schema: x { __typename } ...F } fragment F on Query { y }"))
