"""What a root field does and loads, beyond the fields of its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

from graphql_api.catalogue.golden_records import MOST_GOLDEN_RECORDS_A_CALL
from graphql_api.finetunings.cancel_many import MOST_AT_ONCE
from graphql_api.schema.execution.limits import Weight

LOADED = {
    ("Query", "finetuning"): 5,
    ("Query", "finetunings"): 5,
    ("Query", "dbConnection"): 10,
    ("Query", "dbConnections"): 10,
    ("Query", "goldenRecord"): 10,
    ("Query", "goldenRecords"): 10,
    ("Query", "node"): 15,
}
"""The weight of each loaded document: the larger it can be, the more. A node is looked for in five places."""
BULK = {
    "cancelFinetunings": (("finetuningIds",), MOST_AT_ONCE),
    "addGoldenRecords": (("input", "goldenRecords"), MOST_GOLDEN_RECORDS_A_CALL),
}
"""The mutations with one answer for each entry of a list: the list's argument and its greatest length."""
CREATIONS = frozenset({"createFinetuning"})
"""The mutations that begin paid work."""
SEARCHED = {
    ("Query", "goldenRecords"): ("text",),
    ("Query", "dbConnections"): ("alias", "named"),
    ("Query", "finetunings"): ("alias", "named"),
}
"""The conditions that no index narrows down: MongoDB reads all the tenant has, or its index."""
ROOTS = frozenset({"Query", "Mutation"})

Place = tuple[str, str]
"""A field, by the names of its type and itself."""
Variables = Mapping[str, Any]


def work_of(field: FieldNode, place: Place, *, variables: Variables) -> Weight:
    """Return the weight of what the field does, with these variables; an unknown one counts in full."""
    parent, name = place
    if parent == "Mutation":
        entries = bulk_of(field, variables) if name in BULK else 0
        return Weight(mutations=1, creations=int(name in CREATIONS), entries=entries)
    return Weight(searches=int(place in SEARCHED and _searches(field, SEARCHED[place], variables)))


def bulk_of(field: FieldNode, variables: Variables) -> int:
    """Return the length of the mutation's list, or the greatest length if it is unknown."""
    (argument, *inner), most = BULK[field.name.value]
    node = _argument(field, argument)
    given = value_from_ast_untyped(node, dict(variables)) if node else None
    for name in inner:
        given = given.get(name) if isinstance(given, dict) else None
    return min(len(given), most) if isinstance(given, list) else most


def _searches(field: FieldNode, conditions: Sequence[str], variables: Variables) -> bool:
    """Return whether the field's filter may have one of these conditions."""
    given = _known(_argument(field, "filter"), variables)
    if isinstance(given, ObjectValueNode):
        given = {one.name.value: _known(one.value, variables) for one in given.fields}
    if not isinstance(given, dict):
        return given is not None
    return any(given.get(condition) is not None for condition in conditions)


def _known(node: ValueNode | None, variables: Variables) -> object:
    """Return the value of a variable, the node of anything else, and ``None`` for a null."""
    if isinstance(node, VariableNode):
        return variables.get(node.name.value, node)  # an absent one may have a default
    return None if isinstance(node, NullValueNode) else node


def _argument(field: FieldNode, name: str) -> ValueNode | None:
    arguments: Sequence[Any] = field.arguments or ()
    return next((one.value for one in arguments if one.name.value == name), None)
