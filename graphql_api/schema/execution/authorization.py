"""What the caller of an operation may select: checked once, before any resolver runs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    visit,
)

from graphql_api.access.errors import ForbiddenError
from graphql_api.caller import Caller
from graphql_api.schema.requires import NOUNS, Alternatives, declared

Needs = frozenset[tuple[str, Alternatives]]
"""Fields by their coordinates, and what each of them requires."""

ROOTS = ("Query", "Mutation", "Subscription")
PLUMBING = ("Connection", "Edge", "Payload", "Delivery", "Result")
"""The ends of the names of types that only hand on what their own field has required."""


class UndeclaredFieldError(Exception):
    """A field of the schema says not who may select it."""


def declarations(schema: GraphQLSchema) -> dict[str, Alternatives]:
    """Return the declarations of all fields; raises ``UndeclaredFieldError`` if one is missing."""
    found = dict[str, Alternatives]()
    for kind in schema.type_map.values():
        if kind.name.startswith("__") or not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            alternatives = declared(field.extensions["strawberry-definition"])
            coordinate = f"{kind.name}.{name}"
            if alternatives is not None:
                found[coordinate] = alternatives
            elif kind.name in ROOTS or _crosses(kind.name, get_named_type(field.type).name):
                raise UndeclaredFieldError(f"{coordinate} declares no scopes: add directives=requires(...)")
    return found


def _crosses(parent: str, name: str) -> bool:
    return name in NOUNS and not parent.endswith(PLUMBING)


@dataclass(frozen=True, slots=True)
class Requirements:
    """What each operation of one document requires, by the operation's name."""

    by_operation: Mapping[str | None, Needs]

    def check(self, named: str | None, caller: Caller) -> None:
        """Raise ``ForbiddenError`` for the first field that the caller may not select.

        ``named`` is the operation to run; a document with one operation needs no name.
        """
        chosen = self.by_operation.values() if named is None else [self.by_operation.get(named, frozenset())]
        needs = frozenset[tuple[str, Alternatives]]().union(*chosen)
        for coordinate, alternatives in sorted(needs, key=lambda need: need[0]):
            if caller.lacks(alternatives):
                raise ForbiddenError(coordinate, scopes=alternatives)


def requirements(
    document: DocumentNode, *, schema: GraphQLSchema, declared: Mapping[str, Alternatives]
) -> Requirements:
    """Return what the operations of a valid document require, with all fragments that they spread."""
    info = TypeInfo(schema)
    collector = _Collector(info, declared, conditions=_conditions(document))
    visit(document, TypeInfoVisitor(info, collector))
    return Requirements(
        {
            one.name.value if one.name else None: frozenset(collector.reached_from(one))
            for one in document.definitions
            if isinstance(one, OperationDefinitionNode)
        }
    )


def _conditions(document: DocumentNode) -> dict[str, str]:
    """Return the types of the document's fragments, by the fragments' names."""
    fragments = (one for one in document.definitions if isinstance(one, FragmentDefinitionNode))
    return {one.name.value: one.type_condition.name.value for one in fragments}


class _Collector(Visitor):
    """Notes for each definition what its own fields require, and the fragments it spreads.

    Below an interface, a fragment on a noun requires what reads the noun: no field has declared it.
    """

    def __init__(
        self, info: TypeInfo, declared: Mapping[str, Alternatives], *, conditions: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._info, self._declared, self._conditions = info, declared, conditions
        self._needs: defaultdict[Node, set[tuple[str, Alternatives]]] = defaultdict(set)
        self._spreads: defaultdict[Node, set[str]] = defaultdict(set)
        self._fragments: dict[str, Node] = {}
        self._current: Node | None = None

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        """Begin an operation."""
        self._current = node

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> None:
        """Begin a fragment."""
        self._current = self._fragments[node.name.value] = node

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Note what the field requires."""
        parent = self._info.get_parent_type()
        coordinate = f"{parent.name}.{node.name.value}" if parent else ""
        if self._current is not None and (alternatives := self._declared.get(coordinate)) is not None:
            self._needs[self._current].add((coordinate, alternatives))

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        """Note the fragment."""
        if self._current is not None:
            self._spreads[self._current].add(node.name.value)
        self._narrow(self._conditions[node.name.value])

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: object) -> None:
        """Note what its type requires."""
        if node.type_condition is not None:
            self._narrow(node.type_condition.name.value)

    def _narrow(self, name: str) -> None:
        if self._current is not None and name in NOUNS and is_abstract_type(self._info.get_parent_type()):
            self._needs[self._current].add((name, frozenset({frozenset({NOUNS[name]})})))

    def reached_from(self, operation: Node) -> Iterator[tuple[str, Alternatives]]:
        """Yield what the operation requires, fragments included."""
        seen, ahead = set[str](), [operation]
        while ahead:
            node = ahead.pop()
            yield from self._needs[node]
            for name in self._spreads[node] - seen:
                seen.add(name)
                ahead.append(self._fragments[name])
