"""The weight of a document's operations, measured before validation.

The time is linear in the document's length. Every fragment is weighed once, after the fragments it spreads.
So deeply nested fragments cost nothing extra here, however often they multiply. The weight is an upper bound:
`@skip` is ignored, and a fragment overlapping with its surroundings counts in full.
"""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeGuard

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from graphql_api.documents import GoldenRecordWarningCode
from graphql_api.documents.paging import DEFAULT_PAGE, LARGEST_PAGE
from graphql_api.schema.execution.limits import COUNTLESS, Weight
from graphql_api.schema.execution.loading import BULK, LOADED, ROOTS, Place, bulk_of, work_of

ASSUMED_LIST = 10
"""The assumed length of an unbounded list of objects."""
LISTS = {
    ("GoldenRecord", "warnings"): len(GoldenRecordWarningCode),
    ("__Schema", "types"): 60,
    ("__Type", "fields"): 3,
    ("__Type", "inputFields"): 1,
    ("__Type", "enumValues"): 1,
    ("__Type", "interfaces"): 0,
    ("__Type", "possibleTypes"): 0,
    ("__Field", "args"): 1,
}
"""The longest that other lists can be; those of introspection, about how long they are on average."""
META_FIELDS = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
"""The fields that introspection begins with."""
LARGE_VALUE = 5
LARGE_VALUES = {
    ("DbConnection", "tableSchemas"),
    ("Dataset", "goldenRecords"),
    ("Finetuning", "goldenRecords"),
    ("GoldenRecord", "promptText"),
    ("GoldenRecord", "sql"),
}
"""Fields of weight ``LARGE_VALUE``: their values can fill many kilobytes of memory."""
COUNTED = 100
"""The weight of a list's ``totalCount``: MongoDB counts up to a thousand entries. A history's is known."""


class FragmentCircleError(Exception):
    """Fragments spread one another in a circle; ``fragment`` is one of them."""

    def __init__(self, fragment: str) -> None:
        super().__init__(fragment)
        self.fragment = fragment


def weigh(
    document: DocumentNode, *, schema: GraphQLSchema, variables: Mapping[str, Any] | None = None
) -> list[Weight]:
    """Return the greatest possible weight of each definition, with these variables or with any.

    A fragment counts even if no operation spreads it: validation reads it. Raises ``FragmentCircleError``.
    """
    scales, definitions = _Scales(schema, variables), document.definitions
    fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
    try:
        for name in _spread_first(fragments):
            scales.put(fragments[name])
    except CycleError as circle:
        raise FragmentCircleError(circle.args[1][0]) from None
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    return [*map(scales.operation, operations), *scales.fragments.values()]


def _spread_first(fragments: Mapping[str, FragmentDefinitionNode]) -> Iterable[str]:
    """Return the fragments' names, each after the fragments it spreads; raises ``CycleError``."""
    spread = {name: set(_spreads(one.selection_set)) & fragments.keys() for name, one in fragments.items()}
    return TopologicalSorter(spread).static_order()


def _spreads(selections: SelectionSetNode) -> Iterator[str]:
    for one in selections.selections:
        if isinstance(one, FragmentSpreadNode):
            yield one.name.value
        elif isinstance(one, FieldNode | InlineFragmentNode) and one.selection_set:
            yield from _spreads(one.selection_set)


class _Scales:
    """Weighs selections; the parser bounds their depth within one definition."""

    def __init__(self, schema: GraphQLSchema, variables: Mapping[str, Any] | None) -> None:
        self._schema = schema
        self._variables = variables or {}
        self.fragments: dict[str, Weight] = {}

    def put(self, fragment: FragmentDefinitionNode) -> None:
        """Weigh a fragment; its own fragments must be weighed already."""
        on_type = self._schema.get_type(fragment.type_condition.name.value)
        weight = self._selections(fragment.selection_set, on_type) + _directives(fragment)
        self.fragments[fragment.name.value] = weight

    def operation(self, operation: OperationDefinitionNode) -> Weight:
        """Weigh an operation; all fragments must be weighed already."""
        root = self._schema.get_root_type(operation.operation)
        variables = sum(map(_directives, operation.variable_definitions or ()), Weight())
        return self._selections(operation.selection_set, root) + _directives(operation) + variables

    def _selections(self, selections: SelectionSetNode, parent: GraphQLNamedType | None) -> Weight:
        weight, spread = Weight(), set()
        for one in selections.selections:
            weight += _directives(one)
            if isinstance(one, FieldNode):
                weight += self._field(one, parent)
            elif isinstance(one, InlineFragmentNode):
                on_type = one.type_condition
                within = self._schema.get_type(on_type.name.value) if on_type else parent
                weight += self._selections(one.selection_set, within)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in spread:
                spread.add(one.name.value)  # a second one beside it selects nothing new
                weight += self.fragments.get(one.name.value, Weight())
        return weight

    def _field(self, field: FieldNode, parent: GraphQLNamedType | None) -> Weight:
        definition = self._definition(field, parent)
        below = Weight()
        if field.selection_set:
            below = self._selections(
                field.selection_set, get_named_type(definition.type) if definition else None
            )
        place = (parent.name if parent else "", field.name.value)
        size = self._page_size(field, definition) if below.cost_an_entry or place in LOADED else 0
        own = _own_cost(place)
        cost, entries = own + below.cost + below.cost_an_entry * size + LOADED.get(place, 0) * size, 0
        if definition and field.selection_set and is_list_type(get_nullable_type(definition.type)):
            if _is_page(parent):
                cost, entries = 1, cost - 1
            else:
                cost = 1 + (cost - 1) * self._length(field, place)
        weight = Weight(
            depth=1 + below.depth,
            aliases=below.aliases + (field.alias is not None),
            fields=1 + below.fields,
            directives=below.directives,
            cost=min(cost, COUNTLESS),
            cost_an_entry=min(entries, COUNTLESS),
        )
        return weight + work_of(field, place, variables=self._variables) if place[0] in ROOTS else weight

    def _definition(self, field: FieldNode, parent: GraphQLNamedType | None) -> GraphQLField | None:
        """Return the field's definition; of introspection too, which begins at the root of queries."""
        if parent is self._schema.query_type and field.name.value in META_FIELDS:
            return META_FIELDS[field.name.value]
        return parent.fields.get(field.name.value) if _has_fields(parent) else None

    def _page_size(self, field: FieldNode, definition: GraphQLField | None) -> int:
        """Return the most entries of the field; an unknown size counts as the largest page."""
        if field.name.value in BULK:
            return bulk_of(field, self._variables)
        if definition is None or "first" not in definition.args:
            return LARGEST_PAGE if definition and _is_page(get_named_type(definition.type)) else 1
        given = [one.value for one in field.arguments or () if one.name.value in {"first", "last"}]
        return max(map(self._size, given), default=DEFAULT_PAGE)

    def _size(self, given: ValueNode) -> int:
        size: object = None
        if isinstance(given, VariableNode):
            size = self._variables.get(given.name.value)
        elif isinstance(given, IntValueNode) and len(given.value) <= len(str(LARGEST_PAGE)):
            size = int(given.value)
        return min(max(size, 0), LARGEST_PAGE) if isinstance(size, int) else LARGEST_PAGE

    def _length(self, field: FieldNode, place: Place) -> int:
        """Return the most entries of a list outside of a page."""
        if field.name.value in BULK:
            return bulk_of(field, self._variables)
        return LISTS.get(place, ASSUMED_LIST)


def _own_cost(place: Place) -> int:
    """Return the weight of the field itself."""
    parent, name = place
    if name == "totalCount" and parent.endswith("Connection") and parent != "FinetuningEventConnection":
        return COUNTED
    return LARGE_VALUE if place in LARGE_VALUES else 1


def _directives(
    node: SelectionNode | FragmentDefinitionNode | OperationDefinitionNode | VariableDefinitionNode,
) -> Weight:
    return Weight(directives=len(node.directives or ()))


def _has_fields(type_: GraphQLNamedType | None) -> TypeGuard[GraphQLObjectType | GraphQLInterfaceType]:
    return isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)


def _is_page(type_: GraphQLNamedType | None) -> bool:
    """Return whether the field of this type bounds the lists in it.

    The name shows it: connections and the payloads of bulk mutations.
    """
    return type_ is not None and type_.name.endswith(("Connection", "Payload"))
