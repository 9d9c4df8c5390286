"""The record of every call the sandbox has seen, and whether it took effect."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT_CALLS = 10_000


@dataclass(slots=True, kw_only=True)
class Call:
    """One call: its order number, when it was seen, what it was about, and what became of it.

    ``applied`` says that the account carried it out, whatever the caller was then told; ``status`` is what it
    was told, null while or if no answer was sent.
    """

    number: int
    operation: str
    at: float
    ids: dict[str, str]
    body: Any = None
    fault: str | None = None
    applied: bool = False
    status: int | None = None

    def concerns(self, *, ids: Mapping[str, str], metadata: Mapping[str, str]) -> bool:
        """Whether the call names all of ``ids`` in its path and all of ``metadata`` in its body."""
        given = self.body.get("metadata") if isinstance(self.body, dict) else None
        return ids.items() <= self.ids.items() and metadata.items() <= (given or {}).items()


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """The latest calls in their order."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))
    seen: int = 0

    def add(self, operation: str, *, at: float, ids: dict[str, str], body: Any) -> Call:
        """Write down a call that has just arrived."""
        self.seen += 1
        call = Call(number=self.seen, operation=operation, at=at, ids=ids, body=body)
        self.calls.append(call)
        return call

    def find(
        self,
        operation: str | None = None,
        *,
        applied: bool | None = None,
        metadata: Mapping[str, str] | None = None,
        **ids: str,
    ) -> list[Call]:
        """Return the calls that fit, oldest first, such as ``find("jobs.cancel", job_id="ftjob-…")``."""
        return [
            call
            for call in self.calls
            if operation in {None, call.operation}
            and applied in {None, call.applied}
            and call.concerns(ids=ids, metadata=metadata or {})
        ]

    def clear(self) -> None:
        """Forget the calls so far; the numbering goes on."""
        self.calls.clear()
