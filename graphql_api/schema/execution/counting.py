"""The size of a document and of its variables, counted before anything compares or coerces them."""

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode
from graphql.language import ast

from graphql_api.errors import QueryTooComplexError

MOST_OPERATIONS = 50
MOST_FRAGMENTS = 100
"""The most fragments of a document: definitions, spreads and inline fragments, each counted for itself."""
MOST_FIELDS = 1_500
"""The most fields in the text of a document, in use or not."""
MOST_CONTAINERS = 2_500
"""The most lists and objects in the variables: a thousand golden records, each with metadata."""
MOST_VALUES = 30_000
"""The most values in the variables, at any depth."""

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


def check_variables(variables: Mapping[str, Any]) -> None:
    """Raise ``QueryTooComplexError`` for too many values."""
    containers = values = 0
    ahead: list[object] = list(variables.values())
    while ahead:
        values += len(ahead)
        inside = [one for one in ahead if isinstance(one, dict | list)]
        containers += len(inside)
        if containers > MOST_CONTAINERS:
            raise QueryTooComplexError(
                "lists and objects in variables", found=containers, most=MOST_CONTAINERS
            )
        if values > MOST_VALUES:
            raise QueryTooComplexError("values in variables", found=values, most=MOST_VALUES)
        ahead = [value for one in inside for value in (one.values() if isinstance(one, dict) else one)]
