"""What the accents of a call change: which ones it has, and the ids of a log's lines."""

import secrets
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from graphql_api.sandbox.openai.faults import FaultKind

Json = dict[str, Any]


def accents_of(request: Request) -> frozenset[FaultKind]:
    """Return the accents in which this call is to be answered."""
    accents: frozenset[FaultKind] = request.state.accents
    return accents


def with_ids_of(lines: Sequence[Json], accents: frozenset[FaultKind]) -> list[Json]:
    """Return the lines of a log with the ids that these accents give them."""
    if FaultKind.NO_EVENT_IDS in accents:
        return [{key: value for key, value in line.items() if key != "id"} for line in lines]
    if FaultKind.NEW_EVENT_IDS in accents:
        return [line | {"id": f"ftevent-{secrets.token_hex(12)}"} for line in lines]
    return list(lines)
