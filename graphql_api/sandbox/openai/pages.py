"""Cutting a list into the page that a query asks for."""

from collections.abc import Mapping, Sequence

from starlette.datastructures import QueryParams

from graphql_api.sandbox.openai.errors import ApiError
from graphql_api.sandbox.openai.wire import Json


def cut(
    rows: Sequence[Json], query: QueryParams, *, default_limit: int, max_limit: int
) -> tuple[Sequence[Json], bool]:
    """Return the rows that follow ``after``, at most ``limit`` of them, and whether more come."""
    start = _position_after(rows, query.get("after"))
    end = start + _limit(query, default=default_limit, maximum=max_limit)
    return rows[start:end], end < len(rows)


def metadata_filter(query: QueryParams) -> Mapping[str, str]:
    """Return the pairs of ``metadata[key]=value``."""
    named = [
        (key, value)
        for key, value in query.multi_items()
        if key.startswith("metadata[") and key.endswith("]")
    ]
    return {key.removeprefix("metadata[").removesuffix("]"): value for key, value in named}


def _position_after(rows: Sequence[Json], after: str | None) -> int:
    if after is None:
        return 0
    for position, row in enumerate(rows, start=1):
        if row["id"] == after:
            return position
    raise ApiError(f"No such object: {after}", status=404, param="after")


def _limit(query: QueryParams, *, default: int, maximum: int) -> int:
    text = query.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= maximum:
        raise ApiError(f"Invalid 'limit': expected an integer from 1 to {maximum}.", param="limit")
    return int(text)
