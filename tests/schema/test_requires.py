"""The declaration of a field: written once, read back, printed for tools."""

import strawberry

from graphql_api.schema import schema_sdl
from graphql_api.schema.requires import declared, requires
from graphql_api.scopes import Scope


def test_a_declaration_is_read_back() -> None:
    """As the sets of scopes that would do."""
    both = strawberry.field(directives=requires(Scope.ADMIN, Scope.FINETUNINGS_READ))
    assert declared(both) == frozenset({frozenset({Scope.ADMIN, Scope.FINETUNINGS_READ})})
    assert declared(strawberry.field(directives=requires())) == frozenset({frozenset[Scope]()})
    assert declared(strawberry.field()) is None


def test_tools_see_the_declarations() -> None:
    """In the shape of Apollo's directive."""
    sdl = schema_sdl()
    assert "directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION" in sdl
    assert "viewer: Viewer! @requiresScopes(scopes: [[]])" in sdl
    assert '@requiresScopes(scopes: [["finetunings:cancel"]])' in sdl
