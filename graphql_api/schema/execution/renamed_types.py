"""Names that types of the schema had once: documents that declare variables with them go on working."""

from collections.abc import Mapping
from dataclasses import replace

from graphql import DefinitionNode, DocumentNode, NamedTypeNode, NameNode, OperationDefinitionNode
from graphql.language import ListTypeNode, NonNullTypeNode, TypeNode

RENAMED: Mapping[str, str] = {"JSON": "StringMap"}
"""Types by their old names. A document names types of inputs in its variables alone."""


def with_present_names(document: DocumentNode) -> DocumentNode:
    """Return the document with the present names of its variables' types."""
    return replace(document, definitions=tuple(map(_definition, document.definitions)))


def _definition(definition: DefinitionNode) -> DefinitionNode:
    if not isinstance(definition, OperationDefinitionNode) or not definition.variable_definitions:
        return definition
    variables = (replace(one, type=_type(one.type)) for one in definition.variable_definitions)
    return replace(definition, variable_definitions=tuple(variables))


def _type(kind: TypeNode) -> TypeNode:
    if isinstance(kind, NamedTypeNode):
        present = RENAMED.get(kind.name.value)
        return kind if present is None else replace(kind, name=NameNode(value=present, loc=kind.name.loc))
    assert isinstance(kind, ListTypeNode | NonNullTypeNode)  # noqa: S101  the grammar has no fourth form
    return replace(kind, type=_type(kind.type))  # type: ignore[arg-type]  # of the same form as before
