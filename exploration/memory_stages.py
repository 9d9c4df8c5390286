"""The store's pipeline stages, in memory.

Every other stage is an error.
"""

from collections.abc import Mapping
from typing import Any

from exploration.memory_expressions import MISSING, UnknownOperatorError, evaluate, operator_of

Document = Mapping[str, Any]


def staged(document: Document, stage: Document) -> Document:
    """Return the result of one pipeline stage for a document."""
    name = operator_of(stage)
    if name == "$set":
        return _with_fields(document, stage["$set"], read=document)
    if name == "$replaceWith":
        replaced: Document = evaluate(stage["$replaceWith"], document)
        return replaced
    raise UnknownOperatorError(f"stage {name}")


def _with_fields(fields: Document | None, assigned: Document, *, read: Document) -> Document:
    """Return the fields with the assigned ones laid over; expressions see ``read``, the whole as it was."""
    changed = dict(fields) if isinstance(fields, Mapping) else {}
    for path, expression in assigned.items():
        name, _, rest = path.partition(".")
        _assign(changed, name, {rest: expression} if rest else expression, read=read)
    return changed


def _assign(fields: dict[str, Any], name: str, expression: Any, *, read: Document) -> None:
    """Set one field; an object of fields is merged into the present value, as ``$set`` does."""
    if type(expression) is dict and expression and operator_of(expression) is None:
        fields[name] = _with_fields(fields.get(name), expression, read=read)
        return
    value = evaluate(expression, read)
    fields.pop(name, None) if value is MISSING else fields.update({name: value})
