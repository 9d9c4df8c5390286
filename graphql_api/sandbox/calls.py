"""The record of the sandbox's calls and their effects."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT_CALLS = 10_000


@dataclass(slots=True, kw_only=True)
class Call:
    """One call: its order number, its time, its subject and its result.

    ``applied``: the account carried it out, whatever the answer. ``status``: the answer's HTTP status, null
    without an answer (yet). ``ended``: nothing more will happen. ``request_id`` is in the header of the
    answer, and ``accents`` are the accents of the answer.
    """

    number: int
    operation: str
    at: float
    ids: dict[str, str]
    request_id: str
    body: Any = None
    accents: list[str] = field(default_factory=list)
    fault: str | None = None
    applied: bool = False
    status: int | None = None
    ended: bool = False

    def concerns(self, *, ids: Mapping[str, str], metadata: Mapping[str, str]) -> bool:
        """Whether the call names all of ``ids`` in its path and all of ``metadata`` in its body."""
        given = self.body.get("metadata") if isinstance(self.body, dict) else None
        return ids.items() <= self.ids.items() and metadata.items() <= (given or {}).items()


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """The latest calls in their order."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    seen: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, operation: str, *, at: float, ids: dict[str, str], request_id: str, body: Any) -> Call:
        """Record a new call."""
        self.seen += 1
        call = Call(number=self.seen, operation=operation, at=at, ids=ids, request_id=request_id, body=body)
        self.calls.append(call)
        self.note_change()
        return call

    def note_change(self) -> None:
        """Wake the waiting tasks."""
        self.changed.set()
        self.changed = asyncio.Event()

    def find(
        self,
        operation: str | None = None,
        *,
        applied: bool | None = None,
        ended: bool | None = None,
        metadata: Mapping[str, str] | None = None,
        **ids: str,
    ) -> list[Call]:
        """Return the matching calls, oldest first, e.g. of ``find("jobs.cancel", job_id="ftjob-…")``."""
        return [
            call
            for call in self.calls
            if operation in {None, call.operation}
            and applied in {None, call.applied}
            and ended in {None, call.ended}
            and call.concerns(ids=ids, metadata=metadata or {})
        ]

    async def wait_for(
        self,
        operation: str,
        *,
        applied: bool | None = None,
        ended: bool | None = None,
        metadata: Mapping[str, str] | None = None,
        **ids: str,
    ) -> Call:
        """Wait for the first matching call and return it; the caller sets any time limit."""
        while not (calls := self.find(operation, applied=applied, ended=ended, metadata=metadata, **ids)):
            await self.changed.wait()
        return calls[0]

    def clear(self) -> None:
        """Forget the calls so far; the numbering goes on."""
        self.calls.clear()
