"""The store's aggregation expressions and filters, in memory.

Every other expression is an error. A missing field and null differ as they do in MongoDB: both sort below
everything, missing below null.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from bson import ObjectId

Document = Mapping[str, Any]
Operator = Callable[[Any, Document], Any]


class Missing(Enum):
    """The value of a missing field."""

    MISSING = "missing"


MISSING = Missing.MISSING


TYPES = {"date": datetime, "string": str}
AS_THEY_ARE = frozenset({type(None), bool, int, float, str, ObjectId, bytes})


class UnknownOperatorError(NotImplementedError):
    """The store uses an expression unknown to the twin: teach it, and let the contract suite judge."""


def evaluate(expression: Any, document: Document) -> Any:
    """Return the value of the aggregation expression for the document."""
    kind = type(expression)
    if kind is str and expression[:1] == "$":
        return field_at(document, path_of(expression))
    if kind is list:
        return [_in_array(evaluate(item, document)) for item in expression]
    if kind is not dict:
        return plain(expression)
    name = operator_of(expression)
    if name is None:
        return _object(expression, document)
    if name not in OPERATORS:
        raise UnknownOperatorError(f"expression {name}")
    return OPERATORS[name](expression[name], document)


def matches(where: Document, document: Document) -> bool:
    """Return whether the document passes the query filter."""
    return all(_passes(name, wanted, document) for name, wanted in where.items())


def field_at(document: Document, path: Sequence[str]) -> Any:
    """Return the field's value; ``MISSING`` if any part of the path is missing."""
    value: Any = document
    for part in path:
        if isinstance(value, list):
            raise UnknownOperatorError(f"a path through an array: {'.'.join(path)}")
        if type(value) is not dict or part not in value:
            return MISSING
        value = value[part]
    return value


def path_of(reference: str) -> list[str]:
    """Return the path named by a reference, for example by ``"$lease.token"``."""
    if reference[1:2] == "$":
        raise UnknownOperatorError(f"variable {reference}")
    return reference[1:].split(".")


def operator_of(expression: Document) -> str | None:
    """Return the operator of ``{"$operator": …}``, ``None`` for an object of fields."""
    for name in expression:
        if name[0] == "$":
            if len(expression) > 1:
                raise UnknownOperatorError(f"an operator among other fields: {sorted(expression)}")
            return name
    return None


def plain(value: Any) -> Any:
    """Return the value as MongoDB gives it back: times in milliseconds, text without its class."""
    kind = type(value)
    if kind in AS_THEY_ARE:
        return value
    if kind is dict:
        return {plain(key): plain(item) for key, item in value.items()}
    if kind is list:
        return [plain(item) for item in value]
    if kind is datetime:
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, ObjectId):
        return ObjectId(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise UnknownOperatorError(f"a value of type {kind.__name__}")


def order(value: Any) -> tuple[int, Any]:
    """Return a key that sorts values of all types as MongoDB does."""
    if value is MISSING or value is None:
        return (0 if value is MISSING else 1), 0
    for rank, types in ((2, int | float), (3, str), (7, ObjectId), (9, datetime)):
        if isinstance(value, types) and not isinstance(value, bool):
            return rank, value
    if isinstance(value, bool):
        return 8, value
    raise UnknownOperatorError(f"the order of a {type(value).__name__}")


def is_true(value: Any) -> bool:
    """Return whether MongoDB takes the value for true."""
    return value not in (MISSING, None, False, 0)


def _in_array(value: Any) -> Any:
    return None if value is MISSING else value


def _object(fields: Document, document: Document) -> dict[str, Any]:
    values = {name: evaluate(value, document) for name, value in fields.items()}
    return {name: value for name, value in values.items() if value is not MISSING}


def _passes(name: str, wanted: Any, document: Document) -> bool:
    if name == "$expr":
        return is_true(evaluate(wanted, document))
    if name == "$or":
        return any(matches(one, document) for one in wanted)
    if name.startswith("$"):
        raise UnknownOperatorError(f"filter {name}")
    value = field_at(document, name.split("."))
    if type(wanted) is dict:
        return all(_compares(operator, operand, value) for operator, operand in wanted.items())
    return _equals(value, wanted)


def _compares(operator: str, operand: Any, value: Any) -> bool:
    if operator == "$in":
        return any(_equals(one_of, one) for one in operand for one_of in _each(value))
    if operator == "$nin":
        return not _compares("$in", operand, value)
    if operator == "$ne":
        return not _equals(value, operand)
    if operator == "$type" and operand in TYPES:
        return any(isinstance(one, TYPES[operand]) for one in _each(value))
    raise UnknownOperatorError(f"filter {operator}")


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _equals(value: Any, wanted: Any) -> bool:
    """Compare as a filter does: null also matches a missing field."""
    return bool((None if value is MISSING else value) == plain(wanted))


def _both(operands: Any, document: Document) -> tuple[Any, Any]:
    first, second = operands
    return evaluate(first, document), evaluate(second, document)


def _cond(operands: Any, document: Document) -> Any:
    condition, then, otherwise = operands
    return evaluate(then if is_true(evaluate(condition, document)) else otherwise, document)


def _switch(operand: Any, document: Document) -> Any:
    for branch in operand["branches"]:
        if is_true(evaluate(branch["case"], document)):
            return evaluate(branch["then"], document)
    return evaluate(operand["default"], document)


def _if_null(operands: Any, document: Document) -> Any:
    first, second = _both(operands, document)
    return second if first in (MISSING, None) else first


def _add(operands: Any, document: Document) -> Any:
    first, second = _both(operands, document)
    if first in (MISSING, None) or second in (MISSING, None):
        return None
    return first + (timedelta(milliseconds=second) if isinstance(first, datetime) else second)


def _merge_objects(operands: Any, document: Document) -> Any:
    merged: dict[str, Any] = {}
    for operand in operands:
        merged |= _if_null([operand, {}], document)
    return merged


def _concat_arrays(operands: Any, document: Document) -> Any:
    arrays = [evaluate(operand, document) for operand in operands]
    if any(array in (MISSING, None) for array in arrays):
        return None
    return [item for array in arrays for item in array]


def _eq(operands: Any, document: Document) -> bool:
    first, second = _both(operands, document)
    return bool(first is second if MISSING in (first, second) else first == second)


def _in(operands: Any, document: Document) -> bool:
    value, among = _both(operands, document)
    return any(value == one for one in among)


def _lte(operands: Any, document: Document) -> bool:
    first, second = _both(operands, document)
    return order(first) <= order(second)


def _size(operand: Any, document: Document) -> int:
    return len(evaluate(operand, document))


def _min(operands: Any, document: Document) -> Any:
    """Return the least value; null counts only if there is nothing else."""
    values = [evaluate(operand, document) for operand in operands]
    return min((value for value in values if value not in (MISSING, None)), key=order, default=None)


def _max(operands: Any, document: Document) -> Any:
    """Return the greatest value; null counts only if there is nothing else."""
    values = [evaluate(operand, document) for operand in operands]
    return max((value for value in values if value not in (MISSING, None)), key=order, default=None)


def _not(operand: Any, document: Document) -> bool:
    [condition] = operand if isinstance(operand, list) else [operand]
    return not is_true(evaluate(condition, document))


OPERATORS: dict[str, Operator] = {
    "$literal": lambda operand, _: plain(operand),
    "$cond": _cond,
    "$switch": _switch,
    "$and": lambda operands, document: all(is_true(evaluate(one, document)) for one in operands),
    "$or": lambda operands, document: any(is_true(evaluate(one, document)) for one in operands),
    "$not": _not,
    "$in": _in,
    "$eq": _eq,
    "$ne": lambda operands, document: not _eq(operands, document),
    "$lte": _lte,
    "$lt": lambda operands, document: not _lte(operands[::-1], document),
    "$size": _size,
    "$gte": lambda operands, document: _lte(operands[::-1], document),
    "$gt": lambda operands, document: not _lte(operands, document),
    "$min": _min,
    "$max": _max,
    "$add": _add,
    "$ifNull": _if_null,
    "$mergeObjects": _merge_objects,
    "$concatArrays": _concat_arrays,
}
