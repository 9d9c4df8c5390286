"""MongoDB aggregation expressions, by the names that the store's operations use for them.

Updates are pipelines so that they can compare and compute with the database's own clock. In a pipeline
a string such as ``"$alias"`` is a field path: whatever comes from outside goes in as a ``literal``.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from graphql_api.documents import LIVE, MOST_ENTRIES, REPEATABLE, FinetuningEventKind, FinetuningStatus

Expression = Any
"""Whatever MongoDB takes as an aggregation expression."""

Fields = dict[str, Expression]
"""Fields with what they are to match or to become."""

LIVE_VALUES = sorted(status.value for status in LIVE)

NOT_DELETED: Fields = {"deletion.deleted_at": None}
"""The filter of what clients can see."""

NOT_ENDED: Fields = {"status": {"$in": LIVE_VALUES}}
"""The filter of what has not ended: a write that sets a status has it, so an end is for good."""

IS_LIVE: Expression = {"$in": ["$status", LIVE_VALUES]}

HAS_ROOM: Expression = {"$lt": [{"$size": "$timeline"}, MOST_ENTRIES]}
"""Whether the timeline takes more of what can repeat without end."""

NEXT_VERSION: Expression = {"$add": [{"$ifNull": ["$version", 0]}, 1]}


def one_of(texts: Sequence[str]) -> Fields:
    """Return the filter of a field that holds one of these texts, or a list with one.

    MongoDB uses an index of nothing but texts only for a filter that says so, too; without that it reads all.
    """
    return {"$in": list(texts), "$type": "string"}


def literal(value: object) -> Expression:
    """Return the value itself, never to be read as an expression."""
    return {"$literal": plain(value)}


def plain(value: object) -> Any:
    """Return the value with its enums replaced by what is stored of them."""
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
    """Return the assignment of ``value`` where the condition holds; elsewhere the field keeps its value."""
    return {field: {"$cond": [condition, value, f"${field}"]}}


def changes(condition: Expression, fields: Fields) -> Fields:
    """Return the assignments of all these fields where the condition holds."""
    return {name: change(condition, name, value)[name] for name, value in fields.items()}


def touched(now: Expression) -> Fields:
    """Return what every change that a client can see leaves: its time, and a place among all changes."""
    return {"updated_at": now, "version": NEXT_VERSION}


def later(now: Expression, seconds: float) -> Expression:
    """Return the moment that is ``seconds`` after ``now``."""
    return {"$add": [now, int(seconds * 1000)]}


def including(field: str, value: Expression) -> Expression:
    """Return the field's list with ``value`` in it once; no list yet is an empty one."""
    known = {"$ifNull": [f"${field}", []]}
    return {"$cond": [{"$in": [value, known]}, known, {"$concatArrays": [known, [value]]}]}


def incremented(field: str) -> Expression:
    """Return the field's number plus one."""
    return {"$add": [f"${field}", 1]}


def merged(field: str, pairs: Mapping[str, str] | None) -> Expression:
    """Return the field's map with ``pairs`` laid over it; without pairs the field as it is, null included."""
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
    """Return the assignment that appends each entry to the timeline where its condition holds.

    What can repeat without end is appended only while there is room. Nothing is ever taken out again: the
    place of an entry never changes.
    """
    new = [
        {"$cond": [every(condition, HAS_ROOM) if _can_repeat(entry) else condition, [entry], []]}
        for condition, entry in entries
    ]
    return {"timeline": {"$concatArrays": ["$timeline", *new]}}


def _can_repeat(entry: Expression) -> bool:
    return entry["kind"] in REPEATABLE or entry["status"]["$literal"] in LIVE_VALUES
