"""Uvicorn's configuration for our protocols, and what the connections of one server share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from graphql_api.http.wire.budget import Budget
from graphql_api.http.wire.connections import Connections
from graphql_api.http.wire.pace import Pace
from graphql_api.http.wire.refusals import Refusal
from graphql_api.throttle import ThrottledLog
from graphql_api.turns import LoopTurns

PART_STEPS = 20
"""The steps of one part: some 64 KB to parse, or the end of one request."""


@dataclass(slots=True, kw_only=True)
class Wire:
    """The bounds of one server's connections; ``head_s``, ``body_s`` and ``unread_s`` are in seconds."""

    head_s: float
    body_s: float
    unread_s: float
    connections: Connections
    unread: Budget
    turns: LoopTurns = field(default_factory=LoopTurns)
    pipelines: Pace = field(default_factory=Pace)
    log: ThrottledLog = field(default_factory=lambda: ThrottledLog(__name__))

    def in_turn(self, do: Callable[[], object], *, client: tuple[str, int] | None) -> None:
        """Do a part of much work in a later turn; the addresses of clients go round."""
        account = "" if client is None else f"wire {client[0]}"
        self.turns.ahead(account, PART_STEPS).add_done_callback(lambda _: do())

    def tell(self, refusal: Refusal, *, client: tuple[str, int] | None, request_id: str) -> None:
        """Log the refusal."""
        self.log.warning(
            "a request was refused",
            kind=refusal.detail,
            status=refusal.status,
            client=None if client is None else client[0],
            request_id=request_id,
        )


class WireConfig(uvicorn.Config):
    """A configuration that hands ``wire`` to our protocols."""

    def __init__(self, app: ASGIApp, *, wire: Wire, **settings: Any) -> None:
        super().__init__(app, **settings)
        self.wire = wire


def wire_of(config: uvicorn.Config) -> Wire:
    """Return what the connections of this server share."""
    assert isinstance(config, WireConfig)  # noqa: S101 - no other configuration has our protocols
    return config.wire
