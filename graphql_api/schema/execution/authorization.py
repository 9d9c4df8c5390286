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
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from graphql_api.access.errors import ForbiddenError
from graphql_api.caller import Caller
from graphql_api.schema.requires import Alternatives, declared

Needs = frozenset[tuple[str, Alternatives]]
"""Fields by their coordinates, and what each of them requires."""

ROOTS = ("Query", "Mutation", "Subscription")
NOUNS = frozenset({"ApiKey", "AuditEntry", "DbConnection", "Finetuning", "GoldenRecord"})
"""The types with scopes of their own: each field that leads to one declares what it requires."""
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
    collector = _Collector(info, declared)
    visit(document, TypeInfoVisitor(info, collector))
    return Requirements(
        {
            one.name.value if one.name else None: frozenset(collector.reached_from(one))
            for one in document.definitions
            if isinstance(one, OperationDefinitionNode)
        }
    )


class _Collector(Visitor):
    """Notes for each definition what its own fields require, and the fragments it spreads."""

    def __init__(self, info: TypeInfo, declared: Mapping[str, Alternatives]) -> None:
        super().__init__()
        self._info, self._declared = info, declared
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

    def reached_from(self, operation: Node) -> Iterator[tuple[str, Alternatives]]:
        """Yield what the operation requires, fragments included."""
        seen, ahead = set[str](), [operation]
        while ahead:
            node = ahead.pop()
            yield from self._needs[node]
            for name in self._spreads[node] - seen:
                seen.add(name)
                ahead.append(self._fragments[name])
