"""A provider's stand-in, as the parts shared by all of them see it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from graphql_api.sandbox.calls import CallRecord
from graphql_api.sandbox.clock import Clock
from graphql_api.sandbox.faults import FaultScript, Outcome

Json = dict[str, Any]

Handler = Callable[[Any, Request], Awaitable[Response | Json]]
"""Carries out one operation on the account; raises ``ApiError`` for a refusal."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: its name in faults and calls, its method, its path under ``/v1``, its handler."""

    name: str
    method: str
    path: str
    handler: Handler


class HeldAccount(Protocol):
    """The account at a provider: its jobs, and their time."""

    @property
    def clock(self) -> Clock:
        """The clock of its jobs."""
        ...

    def count_jobs(self) -> int:
        """Return the number of its jobs."""
        ...

    def finish(self, job_id: str | None, *, outcome: Outcome) -> None:
        """Bring a live job to its end at once, or all of them."""
        ...

    def stranger(self) -> Json:
        """Return a well-formed answer about a job of nobody."""
        ...


class StandIn(Protocol):
    """A stand-in for a provider: no training happens in it."""

    @property
    def provider(self) -> str:
        """The provider's name."""
        ...

    @property
    def operations(self) -> Sequence[Operation]:
        """All that it answers."""
        ...

    @property
    def account(self) -> HeldAccount:
        """The one account behind it."""
        ...

    @property
    def faults(self) -> FaultScript:
        """The faults to come."""
        ...

    @property
    def calls(self) -> CallRecord:
        """The calls so far."""
        ...

    @property
    def api_key(self) -> str | None:
        """The only key accepted; without one, any key."""
        ...

    def save(self) -> None:
        """Keep the account, if it is to outlive the process."""
        ...
