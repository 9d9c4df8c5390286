"""The directive ``@requiresScopes``: who may select a field."""

from collections.abc import Iterable, Mapping

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from graphql_api.scopes import Scope

Alternatives = frozenset[frozenset[Scope]]
"""Sets of scopes; a caller needs all scopes of any one set."""

NOUNS: Mapping[str, Scope] = {
    "ApiKey": Scope.ADMIN,
    "AuditEntry": Scope.ADMIN,
    "DbConnection": Scope.GOLDEN_RECORDS_READ,
    "Finetuning": Scope.FINETUNINGS_READ,
    "GoldenRecord": Scope.GOLDEN_RECORDS_READ,
    "ProviderAccount": Scope.FINETUNINGS_READ,
}
"""The types with scopes of their own, and what reads them: each field that leads to one declares what it
requires."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The scopes a caller needs to select the field: all of any one of the inner lists. "
    "An empty inner list admits every caller with a credential.",
)
class RequiresScopes:
    """The declaration of one field, in the shape of Apollo's directive of this name."""

    scopes: list[list[str]]


def requires(*scopes: Scope) -> list[object]:
    """Return the directives of a field for callers with all these scopes."""
    return [RequiresScopes(scopes=[[scope.value for scope in scopes]])]


def declared(field: StrawberryField) -> Alternatives | None:
    """Return the field's declaration."""
    for directive in field.directives:
        if isinstance(directive, RequiresScopes):
            return frozenset(frozenset(map(Scope, one)) for one in directive.scopes)
    return None


def undeclared(fields: Iterable[tuple[str, Alternatives | None]]) -> list[str]:
    """Return the names of the fields without a declaration."""
    return [name for name, alternatives in fields if alternatives is None]
