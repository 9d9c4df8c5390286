"""Arguments shared by several fields."""

import re
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import strawberry

from graphql_api import inputs
from graphql_api.errors import BadUserInputError
from graphql_api.inputs import LONGEST_KEY, LONGEST_VALUE, MOST_PAIRS

T = TypeVar("T")

LONGEST_SEARCHED = 200

METADATA_RULES = (
    f"A map of strings to strings, kept with it: at most {MOST_PAIRS} pairs, "
    f"keys of at most {LONGEST_KEY} and values of at most {LONGEST_VALUE} characters."
)

DocumentId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The id, 24 hexadecimal digits.")
]
FinetuningId = Annotated[
    strawberry.ID, strawberry.argument(description="The finetuning's id, 24 hexadecimal digits.")
]
DbConnectionId = Annotated[
    strawberry.ID, strawberry.argument(description="The database connection's id, 24 hexadecimal digits.")
]
GoldenRecordId = Annotated[
    strawberry.ID, strawberry.argument(description="The golden record's id, 24 hexadecimal digits.")
]
OfDbConnection = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only those of this database connection.")
]


def optional(value: T) -> T:
    """Return the value of an optional argument; absent means null."""
    return None if value is strawberry.UNSET else value  # type: ignore[return-value]  # T includes None


def given(changes: Any) -> dict[str, Any]:
    """Return the given fields of an input, null included, by their Python names."""
    values = {field.name: getattr(changes, field.name) for field in fields(changes)}
    return {name: value for name, value in values.items() if value is not strawberry.UNSET}


def created_within(since: datetime | None, before: datetime | None) -> dict[str, object]:
    """Return the filter of documents created in the half-open range; raises ``BadUserInputError``."""
    return _within("created", since, before)


def finished_within(since: datetime | None, before: datetime | None) -> dict[str, object]:
    """Return the filter of documents finished in the half-open range; raises ``BadUserInputError``."""
    return _within("finished", since, before)


def _within(what: str, since: datetime | None, before: datetime | None) -> dict[str, object]:
    limits = {}
    if (moment := optional(since)) is not None:
        limits["$gte"] = _utc(moment, name=f"{what}From")
    if (moment := optional(before)) is not None:
        limits["$lt"] = _utc(moment, name=f"{what}Before")
    return {f"{what}_at": limits} if limits else {}


def containing(text: str, *, name: str) -> dict[str, object]:
    """Return the condition on a field to contain the text in any case; raises ``BadUserInputError``."""
    searched = inputs.text(text, name=name, longest=LONGEST_SEARCHED)
    return {"$regex": re.escape(searched), "$options": "i"}


def named(text: str) -> dict[str, object]:
    """Return the condition on a document to have this alias or an id with this start.

    Raises ``BadUserInputError``.
    """
    wanted = inputs.text(text, name="named", longest=LONGEST_SEARCHED)
    if re.fullmatch(r"[0-9a-fA-F]{1,24}", wanted) is None:
        return {"alias": wanted}
    ids = {"$gte": inputs.object_id(f"{wanted:0<24}", name="named")}
    ids["$lte"] = inputs.object_id(f"{wanted:f<24}", name="named")
    return {"$or": [{"alias": wanted}, {"_id": ids}]}


def _utc(moment: datetime, *, name: str) -> datetime:
    if moment.tzinfo is None:
        raise BadUserInputError(f"{name} must have an offset, such as 2026-01-31T12:00:00Z.", argument=name)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadUserInputError(f"{name} must lie in the years 1 to 9999 of UTC.", argument=name) from None
