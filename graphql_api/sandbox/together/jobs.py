"""A job at Together AI: a plan of dated steps."""

from dataclasses import dataclass, field
from enum import StrEnum


class JobStatus(StrEnum):
    """The status of a job, in Together AI's words."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    COMPRESSING = "compressing"
    UPLOADING = "uploading"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    ERROR = "error"
    COMPLETED = "completed"

    @property
    def is_terminal(self) -> bool:
        """Whether this status is final."""
        return self in TERMINAL


TERMINAL = frozenset({JobStatus.CANCELLED, JobStatus.ERROR, JobStatus.COMPLETED})


@dataclass(slots=True, kw_only=True)
class Step:
    """One dated step of a job: its new status, and the line of its log."""

    at: float
    status: JobStatus
    event: str
    message: str

    @property
    def level(self) -> str:
        """The level of the line."""
        return "error" if self.status is JobStatus.ERROR else "info"


@dataclass(slots=True, kw_only=True)
class Job:
    """A job of the account; times are Unix seconds of the account's clock."""

    id: str
    created_at: float
    model: str
    training_file: str
    suffix: str | None
    n_epochs: int
    batch_size: int | str
    learning_rate: float
    output_name: str
    plan: list[Step]
    history: list[Step] = field(default_factory=list)

    @property
    def status(self) -> JobStatus:
        """The job's status at the last ``settle``."""
        return self.history[-1].status

    @property
    def updated_at(self) -> float:
        """The time of the last step."""
        return self.history[-1].at

    @property
    def has_trained(self) -> bool:
        """Whether the training came to its end."""
        return any(step.status is JobStatus.COMPRESSING for step in self.history)

    def settle(self, now: float) -> None:
        """Move all steps due by ``now`` into the history."""
        while self.plan and self.plan[0].at <= now:
            self.history.append(self.plan.pop(0))

    def request_cancel(self, now: float, *, ending: Step) -> None:
        """Go half-way at once; an end due before ``ending`` stays."""
        ends = [step for step in self.plan if step.status in TERMINAL and step.at < ending.at]
        requested = Step(
            at=now,
            status=JobStatus.CANCEL_REQUESTED,
            event="cancel_requested",
            message="Cancellation requested",
        )
        self.plan = [requested, *(ends or [ending])]
        self.settle(now)

    def finish(self, now: float, *, ending: Step | None = None) -> None:
        """Bring the whole plan, or ``ending`` in its place, forward to ``now``."""
        self.plan = [ending] if ending else self.plan
        for step in self.plan:
            step.at = now
        self.settle(now)
