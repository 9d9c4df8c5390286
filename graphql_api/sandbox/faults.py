"""Scripted faults of calls, and accents of right answers."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import ConfigDict


class Outcome(StrEnum):
    """The end of a job."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class FaultKind(StrEnum):
    """The ways a call can go wrong."""

    RESET = "reset"
    """The connection is reset before any byte of an answer, before or after the call was ``applied``."""
    CUT = "cut"
    """The call is applied; the connection closes in the middle of the answer."""
    STATUS = "status"
    """An error ``status`` is answered, before or after the call was ``applied``."""
    HANG = "hang"
    """Nothing is answered for ``seconds`` of the clock, or until released; then the call goes on as usual.

    If the client gives up in this time, a call not yet ``applied`` is dropped."""
    DELAY = "delay"
    """The call is applied only after ``seconds`` of the clock, even if the client has given up by then."""
    TRUNCATED = "truncated"
    """The call is applied; the answer is a complete 200 with half of its JSON."""
    LIE = "lie"
    """A 200 with the ``lie`` for a body, whether or not the call was ``applied``."""
    DRIP = "drip"
    """The call is applied; the answer comes byte by byte, ``seconds`` of real time apart."""
    FINISH_FIRST = "finish_first"
    """The job reaches its ``outcome`` just before the call is applied."""
    OLDEST_FIRST = "oldest_first"
    """A list comes in reverse order."""
    AFTER_REFUSED = "after_refused"
    """A list has its first page only: ``after`` is refused."""
    NEW_EVENT_IDS = "new_event_ids"
    """The lines of a job's log have other ids in each answer."""
    NO_EVENT_IDS = "no_event_ids"
    """The lines of a job's log have no ids."""
    METADATA_DROPPED = "metadata_dropped"
    """A create ignores the metadata, as gateways do: no answer about the job ever has it."""
    SUFFIX_DROPPED = "suffix_dropped"
    """A create ignores the suffix: no answer about the job ever has it."""
    TRAINING_FILE_HIDDEN = "training_file_hidden"
    """No answer about a job names its training file."""
    METHOD_DROPPED = "method_dropped"
    """A create ignores the method, and with it the hyperparameters."""
    CREATE_REPEATED = "create_repeated"
    """A create makes two jobs, as behind a repeating gateway; the answer is about the second."""
    FILTER_IGNORED = "filter_ignored"
    """The list of jobs ignores the metadata filter."""
    OTHER_LISTED_IDS = "other_listed_ids"
    """The list of jobs shows ids of its own; calls about one job accept them too."""
    OTHER_SPELLINGS = "other_spellings"
    """Statuses of jobs and files are answered in other words, and times as ISO 8601."""
    STOPPING_SAID = "stopping_said"
    """A job's status is `cancelling` before its cancel takes effect."""
    FILE_UNUSABLE = "file_unusable"
    """An uploaded file turns out unusable after processing, and its status says so."""
    UPLOADED_SAID = "uploaded_said"
    """Files have the status `uploaded`, processed or not."""


ACCENTS = frozenset(
    {
        FaultKind.OLDEST_FIRST,
        FaultKind.AFTER_REFUSED,
        FaultKind.NEW_EVENT_IDS,
        FaultKind.NO_EVENT_IDS,
        FaultKind.METADATA_DROPPED,
        FaultKind.SUFFIX_DROPPED,
        FaultKind.TRAINING_FILE_HIDDEN,
        FaultKind.METHOD_DROPPED,
        FaultKind.CREATE_REPEATED,
        FaultKind.FILTER_IGNORED,
        FaultKind.OTHER_LISTED_IDS,
        FaultKind.OTHER_SPELLINGS,
        FaultKind.STOPPING_SAID,
        FaultKind.FILE_UNUSABLE,
        FaultKind.UPLOADED_SAID,
    }
)
"""An endpoint's own ways to speak the same protocol. One call can have any number of them, together with one
of the other faults; the handler of the call asks for its accents."""


class Lie(StrEnum):
    """Untrue bodies of a 200."""

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
    outcome: Outcome = Outcome.SUCCEEDED

    def matches(self, operation: str) -> bool:
        """Whether the fault is meant for ``operation`` and not used up."""
        return self.operation in {"*", operation} and self.times != 0


@dataclass(slots=True, kw_only=True)
class FaultScript:
    """The faults to come, oldest first, and the calls that hang in one."""

    faults: list[Fault] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, fault: Fault) -> None:
        """Add a fault at the end."""
        self.faults.append(fault)

    def take(self, operation: str) -> Fault | None:
        """Use up one turn of the first fault meant for ``operation``, accents aside."""
        fault = next((fault for fault in self._meant_for(operation) if fault.kind not in ACCENTS), None)
        self._use_up([fault] if fault else [])
        return fault

    def take_accents(self, operation: str) -> frozenset[FaultKind]:
        """Use up one turn of every accent meant for ``operation``."""
        accents = [fault for fault in self._meant_for(operation) if fault.kind in ACCENTS]
        self._use_up(accents)
        return frozenset(accent.kind for accent in accents)

    def release(self) -> None:
        """Let every hanging call go on."""
        self.released.set()
        self.released = asyncio.Event()

    def clear(self) -> None:
        """Drop the faults to come and release the hanging calls."""
        self.faults.clear()
        self.release()

    def _meant_for(self, operation: str) -> list[Fault]:
        return [fault for fault in self.faults if fault.matches(operation)]

    def _use_up(self, faults: list[Fault]) -> None:
        for fault in faults:
            if fault.times is not None:
                fault.times -= 1
        self.faults = [fault for fault in self.faults if fault.times != 0]
