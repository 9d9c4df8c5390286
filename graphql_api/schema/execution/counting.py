"""The size of a document and of its variables, counted before anything compares or coerces them."""

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, OperationType
from graphql.language import ast

from graphql_api.document_errors import (
    QueryTooComplexError,
)

MOST_OPERATIONS = 50
MOST_FRAGMENTS = 100
"""The most fragments of a document: definitions, spreads and inline fragments, each counted for itself."""
MOST_FIELDS = 1_500
"""The most fields in the text of a document, in use or not."""
MOST_CONTAINERS = 2_500
"""The most lists and objects in the variables: a thousand golden records, each with metadata."""
MOST_VALUES = 30_000
"""The most values in the variables, at any depth."""
MOST_KEYS = 1_000
"""The most keys of one object in the variables; an error about an unknown key reads all of them."""
MOST_FOLLOWED_VALUES = 1_000
MOST_FOLLOWED_CHARACTERS = 10_000
"""The most values and characters in the variables of a subscription: they stay as long as it does."""

_MOST_NODES = {
    ast.OperationDefinitionNode: ("operations", MOST_OPERATIONS),
    ast.FragmentDefinitionNode: ("fragments", MOST_FRAGMENTS),
    ast.FragmentSpreadNode: ("spreads", MOST_FRAGMENTS),
    ast.InlineFragmentNode: ("inline fragments", MOST_FRAGMENTS),
    ast.FieldNode: ("fields in the text", MOST_FIELDS),
}


def check_document(document: DocumentNode) -> None:
    """Raise ``QueryTooComplexError`` for too many definitions, fragments or fields, in use or not."""
    found = dict.fromkeys(_MOST_NODES, 0)
    ahead: list[Any] = list(document.definitions)
    while ahead:
        node = ahead.pop()
        if type(node) in found:
            found[type(node)] += 1
        selections = getattr(node, "selection_set", None)
        if selections is not None:
            ahead.extend(selections.selections)
    for kind, (name, most) in _MOST_NODES.items():
        if found[kind] > most:
            raise QueryTooComplexError(name, found=found[kind], most=most)


def drop_undeclared(variables: dict[str, Any], document: DocumentNode, *, named: str | None) -> None:
    """Remove the variables that the operation does not declare.

    They are removed from the request's own map: whoever holds on to it would keep them as long as a
    subscription lasts.
    """
    declared = {
        variable.variable.name.value
        for operation in _chosen(document, named)
        for variable in operation.variable_definitions or ()
    }
    for name in variables.keys() - declared:
        del variables[name]


def check_variables(variables: Mapping[str, Any], document: DocumentNode, *, named: str | None) -> None:
    """Raise ``QueryTooComplexError`` for too many values, or for more than a subscription may keep."""
    follows = any(one.operation is OperationType.SUBSCRIPTION for one in _chosen(document, named))
    most_values = MOST_FOLLOWED_VALUES if follows else MOST_VALUES
    containers = values = characters = 0
    ahead: list[object] = list(variables.values())
    while ahead:
        values += len(ahead)
        inside = [one for one in ahead if isinstance(one, dict | list)]
        containers += len(inside)
        if containers > MOST_CONTAINERS:
            raise QueryTooComplexError(
                "lists and objects in variables", found=containers, most=MOST_CONTAINERS
            )
        if values > most_values:
            raise QueryTooComplexError("values in variables", found=values, most=most_values)
        keys = max((len(one) for one in inside if isinstance(one, dict)), default=0)
        if keys > MOST_KEYS:
            raise QueryTooComplexError("keys of one object in variables", found=keys, most=MOST_KEYS)
        characters += sum(len(one) for one in ahead if isinstance(one, str))
        if follows and characters > MOST_FOLLOWED_CHARACTERS:
            raise QueryTooComplexError(
                "characters in variables", found=characters, most=MOST_FOLLOWED_CHARACTERS
            )
        ahead = [value for one in inside for value in (one.values() if isinstance(one, dict) else one)]


def _chosen(document: DocumentNode, named: str | None) -> list[ast.OperationDefinitionNode]:
    """Return the operations that the request may mean."""
    operations = [one for one in document.definitions if isinstance(one, ast.OperationDefinitionNode)]
    return [one for one in operations if named is None or (one.name and one.name.value == named)]
