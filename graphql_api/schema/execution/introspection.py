"""Refuses introspection where the schema is hidden."""

from typing import Any

from graphql import DocumentNode
from graphql.language import ast

from graphql_api.errors import IntrospectionOffError

SHOWING = frozenset({"__schema", "__type"})
"""The fields that show the schema: of the root alone, but a fragment may hide them at any depth."""


def refuse_introspection(document: DocumentNode) -> None:
    """Raise ``IntrospectionOffError`` if the document asks for the schema anywhere, in use or not."""
    ahead: list[Any] = list(document.definitions)
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.FieldNode) and node.name.value in SHOWING:
            raise IntrospectionOffError
        selections = getattr(node, "selection_set", None)
        if selections is not None:
            ahead.extend(selections.selections)
