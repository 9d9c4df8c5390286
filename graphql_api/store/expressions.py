"""MongoDB's aggregation expressions, under the store's own names.

Updates are pipelines, so that they can compare and compute with the database's own clock. In a pipeline
a string like ``"$alias"`` is a field path, so every value from outside goes in as a ``literal``.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from graphql_api.documents import LIVE, MOST_ENTRIES, REPEATABLE, FinetuningEventKind, FinetuningStatus

Expression = Any
"""Any aggregation expression of MongoDB."""

Fields = dict[str, Expression]
"""Fields with their conditions or their new values."""

LIVE_VALUES = sorted(status.value for status in LIVE)

NOT_DELETED: Fields = {"deletion.deleted_at": None}
"""The filter of finetunings visible to clients."""

NOT_ENDED: Fields = {"status": {"$in": LIVE_VALUES}}
"""The filter of live finetunings: every write of a status has it, so an end is for good."""

IS_LIVE: Expression = {"$in": ["$status", LIVE_VALUES]}

HAS_ROOM: Expression = {"$lt": [{"$size": "$timeline"}, MOST_ENTRIES]}
"""Whether the timeline has room for more entries of repeatable kinds."""

NEXT_VERSION: Expression = {"$add": [{"$ifNull": ["$version", 0]}, 1]}


def mongodb_time() -> Expression:
    """Return the database's own clock, the same instant throughout an operation."""
    return "$$NOW"


def one_of(texts: Sequence[str]) -> Fields:
    """Return the filter of a field with one of these texts, or with a list with one of them.

    ``$type`` lets MongoDB use an index of texts only; without it, MongoDB reads the whole collection.
    """
    return {"$in": list(texts), "$type": "string"}


def literal(value: object) -> Expression:
    """Return the value itself, never to be read as an expression."""
    return {"$literal": plain(value)}


def plain(value: object) -> Any:
    """Return the value with its enums replaced by their stored values."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def every(*conditions: Expression) -> Expression:
    """Return whether all the conditions hold."""
    return {"$and": list(conditions)}


def is_null(field: str) -> Expression:
    """Return whether the field holds null."""
    return {"$eq": [f"${field}", None]}


def change(condition: Expression, field: str, value: Expression) -> Fields:
    """Return the assignment of ``value`` if the condition holds; otherwise the field keeps its value."""
    return {field: {"$cond": [condition, value, f"${field}"]}}


def changes(condition: Expression, fields: Fields) -> Fields:
    """Return the assignments of all these fields if the condition holds."""
    return {name: change(condition, name, value)[name] for name, value in fields.items()}


def touched(now: Expression) -> Fields:
    """Return the assignments of every change visible to clients: its time, and the next version."""
    return {"updated_at": now, "version": NEXT_VERSION}


def later(now: Expression, seconds: float) -> Expression:
    """Return the moment ``seconds`` after ``now``."""
    return {"$add": [now, int(seconds * 1000)]}


def including(field: str, value: Expression) -> Expression:
    """Return the field's list with ``value`` in it once; a missing list counts as empty."""
    known = {"$ifNull": [f"${field}", []]}
    return {"$cond": [{"$in": [value, known]}, known, {"$concatArrays": [known, [value]]}]}


def incremented(field: str) -> Expression:
    """Return the field's number plus one."""
    return {"$add": [f"${field}", 1]}


def merged(field: str, pairs: Mapping[str, str] | None) -> Expression:
    """Return the field's map updated with ``pairs``; without pairs, the field as it is, even null."""
    if not pairs:
        return f"${field}"
    return {"$mergeObjects": [{"$ifNull": [f"${field}", {}]}, literal(pairs)]}


def event(
    now: Expression,
    kind: FinetuningEventKind,
    *,
    actor: str | None = None,
    status: FinetuningStatus | None = None,
    message: str | None = None,
    request_id: str | None = None,
) -> Expression:
    """Return a timeline entry of this moment."""
    told = {"actor": actor, "status": status, "message": message, "request_id": request_id}
    return {"at": now, "kind": kind.value, **{key: literal(value) for key, value in told.items()}}


def appended(*entries: tuple[Expression, Expression]) -> Fields:
    """Return the assignment for appending each entry to the timeline if its condition holds.

    An entry of a repeatable kind is appended only if there is room. No entry is ever removed, so the
    place of an entry never changes.
    """
    new = [
        {"$cond": [every(condition, HAS_ROOM) if _can_repeat(entry) else condition, [entry], []]}
        for condition, entry in entries
    ]
    return {"timeline": {"$concatArrays": ["$timeline", *new]}}


def _can_repeat(entry: Expression) -> bool:
    return entry["kind"] in REPEATABLE or entry["status"]["$literal"] in LIVE_VALUES
