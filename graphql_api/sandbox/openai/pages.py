"""Cutting a list into the page that a query asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.datastructures import QueryParams

from graphql_api.sandbox.openai.errors import ApiError

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows of a list, and whether more come after them."""

    rows: Sequence[Row]
    has_more: bool


def cut(
    rows: Sequence[Row],
    query: QueryParams,
    *,
    id_of: Callable[[Row], str],
    default_limit: int,
    max_limit: int,
) -> Page[Row]:
    """Return the rows that follow the one whose id is ``after``, at most ``limit`` of them."""
    start = _position_after(query.get("after"), ids=[id_of(row) for row in rows])
    end = start + _limit(query, default=default_limit, maximum=max_limit)
    return Page(rows=rows[start:end], has_more=end < len(rows))


def metadata_filter(query: QueryParams) -> Mapping[str, str]:
    """Return the pairs of ``metadata[key]=value``."""
    named = [(key, value) for key, value in query.multi_items() if key.startswith("metadata[")]
    return {key.removeprefix("metadata[").removesuffix("]"): value for key, value in named}


def _position_after(after: str | None, *, ids: Sequence[str]) -> int:
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
