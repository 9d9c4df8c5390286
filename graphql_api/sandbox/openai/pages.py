"""Cuts a list into the requested page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.datastructures import QueryParams
from starlette.requests import Request

from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.faults import FaultKind
from graphql_api.sandbox.requests import accents_of

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows of a list; ``has_more`` says whether others follow."""

    rows: Sequence[Row]
    has_more: bool


def cut(
    rows: Sequence[Row],
    request: Request,
    *,
    id_of: Callable[[Row], str | None],
    default_limit: int,
    max_limit: int,
) -> Page[Row]:
    """Return the rows after the one with the id ``after``, at most ``limit`` of them."""
    query, accents = request.query_params, accents_of(request)
    if FaultKind.AFTER_REFUSED in accents and "after" in query:
        raise ApiError("Unknown parameter: 'after'.", param="after", code="unknown_parameter")
    ordered = rows[::-1] if FaultKind.OLDEST_FIRST in accents else rows
    start = _position_after(query.get("after"), ids=[id_of(row) for row in ordered])
    end = start + _limit(query, default=default_limit, maximum=max_limit)
    return Page(rows=ordered[start:end], has_more=end < len(ordered))


def is_wanted(metadata: Mapping[str, str] | None, query: QueryParams) -> bool:
    """Whether the metadata has each requested ``metadata[key]=value``; ``metadata=null`` requests nothing."""
    if query.get("metadata") == "null":
        return not metadata
    named = [(key, value) for key, value in query.multi_items() if key.startswith("metadata[")]
    wanted = {(key.removeprefix("metadata[").removesuffix("]"), value) for key, value in named}
    return wanted <= (metadata or {}).items()


def _position_after(after: str | None, *, ids: Sequence[str | None]) -> int:
    if after is None:
        return 0
    if after not in ids:
        raise ApiError(f"No such object: {after}", status=404, param="after")
    return ids.index(after) + 1


def _limit(query: QueryParams, *, default: int, maximum: int) -> int:
    text = query.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= maximum:
        raise ApiError(f"Invalid 'limit': expected an integer from 1 to {maximum}.", param="limit")
    return int(text)
