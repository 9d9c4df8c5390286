"""Scripted faults: which calls are to go wrong, and how."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import ConfigDict

from graphql_api.sandbox.openai.jobs import JobStatus


class FaultKind(StrEnum):
    """The ways in which a call can go wrong."""

    RESET = "reset"
    """The connection is reset before any byte of an answer, before or after the call was ``applied``."""
    CUT = "cut"
    """The call is applied; the connection closes in the middle of the answer."""
    STATUS = "status"
    """An error ``status`` is answered, before or after the call was ``applied``."""
    HANG = "hang"
    """Nothing is answered for ``seconds`` of the clock, or until released; then all goes on as usual.

    A client that gives up meanwhile is noticed: a call not yet ``applied`` then never is."""
    DELAY = "delay"
    """The call is applied only after ``seconds`` of the clock, even if the client has given up by then."""
    TRUNCATED = "truncated"
    """The call is applied; the answer is a complete 200 with half of its JSON."""
    LIE = "lie"
    """A 200 with the ``lie`` for a body, whether or not the call was ``applied``."""
    DRIP = "drip"
    """The call is applied; the answer comes byte by byte, ``seconds`` of real time apart."""
    FINISH_FIRST = "finish_first"
    """The job comes to its ``outcome`` just before the call is applied."""


class Lie(StrEnum):
    """Bodies of a 200 that say nothing true."""

    EMPTY = "empty"
    LIST = "list"
    NULL = "null"
    HTML = "html"
    OTHER_JOB = "other_job"


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault for the next ``times`` calls of ``operation`` (``*``: any; times ``None``: all)."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: FaultKind
    operation: str = "*"
    times: int | None = 1
    applied: bool = False
    status: int = 500
    code: str | None = None
    message: str = "The sandbox was told to refuse this call."
    retry_after_s: float | None = None
    seconds: float | None = None
    lie: Lie = Lie.EMPTY
    outcome: JobStatus = JobStatus.SUCCEEDED

    def matches(self, operation: str) -> bool:
        """Whether the fault is meant for ``operation`` and not used up."""
        return self.operation in {"*", operation} and self.times != 0


@dataclass(slots=True, kw_only=True)
class FaultScript:
    """The faults to come, oldest first, and the calls that hang in one."""

    faults: list[Fault] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, fault: Fault) -> None:
        """Put a fault behind those that are there."""
        self.faults.append(fault)

    def take(self, operation: str) -> Fault | None:
        """Use up one turn of the first fault meant for ``operation``."""
        fault = next((fault for fault in self.faults if fault.matches(operation)), None)
        if fault and fault.times is not None:
            fault.times -= 1
        self.faults = [fault for fault in self.faults if fault.times != 0]
        return fault

    def release(self) -> None:
        """Let every call that hangs go on."""
        self.released.set()
        self.released = asyncio.Event()

    def clear(self) -> None:
        """Drop the faults to come and release those who hang."""
        self.faults.clear()
        self.release()
