"""A fine-tuning job: a plan of dated milestones."""

from dataclasses import dataclass, field
from enum import StrEnum


class JobStatus(StrEnum):
    """The status of a job, in OpenAI's words."""

    QUEUED = "queued"
    VALIDATING_FILES = "validating_files"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether this status is final."""
        return self in TERMINAL


TERMINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})


@dataclass(slots=True, kw_only=True)
class JobError:
    """Why a job failed."""

    code: str
    message: str
    param: str | None = None


@dataclass(slots=True, kw_only=True)
class Milestone:
    """One dated step of a job: an event of its log, with a change of status if any."""

    at: float
    message: str
    status: JobStatus | None = None
    metrics: dict[str, int | float] | None = None
    is_checkpoint: bool = False
    trained_tokens: int | None = None
    error: JobError | None = None


@dataclass(slots=True, kw_only=True)
class Hyperparameters:
    """The settings of a training; ``auto`` leaves the choice to the provider."""

    n_epochs: int | str = "auto"
    batch_size: int | str = "auto"
    learning_rate_multiplier: float | str = "auto"


@dataclass(slots=True, kw_only=True)
class Job:
    """A job of the account; times are Unix seconds of the account's clock."""

    id: str
    created_at: float
    model: str
    training_file: str
    validation_file: str | None
    seed: int
    suffix: str | None
    metadata: dict[str, str] | None
    asked: Hyperparameters
    resolved: Hyperparameters
    model_id: str
    result_file_id: str
    plan: list[Milestone]
    history: list[Milestone] = field(default_factory=list)
    paused_at: float | None = None
    has_result_file: bool = False
    is_announced: bool = False

    @property
    def status(self) -> JobStatus:
        """The job's status at the last ``settle``."""
        if self.paused_at is not None:
            return JobStatus.PAUSED
        return self._last_milestone.status or JobStatus.QUEUED

    @property
    def is_stopping(self) -> bool:
        """Whether a cancel was accepted and has yet to take effect."""
        return any(milestone.status is JobStatus.CANCELLED for milestone in self.plan)

    @property
    def finished_at(self) -> float | None:
        """The time of success or cancellation; the real API, too, has null for a failed job."""
        last = self._last_milestone
        return last.at if last.status in {JobStatus.SUCCEEDED, JobStatus.CANCELLED} else None

    @property
    def error(self) -> JobError | None:
        """Why the job failed, if it did."""
        return self._last_milestone.error

    @property
    def has_started(self) -> bool:
        """Whether training began at some time."""
        return any(milestone.status is JobStatus.RUNNING for milestone in self.history)

    @property
    def trained_tokens(self) -> int | None:
        """Tokens trained by a job that has ended: all of them, or those before it was cancelled."""
        if not self.status.is_terminal:
            return None
        counts = [
            milestone.trained_tokens for milestone in self.history if milestone.trained_tokens is not None
        ]
        return counts[-1] if counts else None

    @property
    def _last_milestone(self) -> Milestone:
        return next(milestone for milestone in reversed(self.history) if milestone.status is not None)

    def settle(self, now: float) -> None:
        """Move all milestones due by ``now`` into the history."""
        while self.paused_at is None and self.plan and self.plan[0].at <= now:
            self.history.append(self.plan.pop(0))

    def cancel(self, now: float, *, takes_effect: Milestone) -> None:
        """Drop the milestones after ``takes_effect``; an end due before it stays."""
        self.resume(now)
        self.plan = [milestone for milestone in self.plan if milestone.at < takes_effect.at]
        if not any(milestone.status in TERMINAL for milestone in self.plan):
            self.plan.append(takes_effect)
        self.settle(now)

    def date_back(self, began_at: float, *, times_slower: float) -> None:
        """Move the whole job, with what has happened, to another beginning and another pace."""
        for milestone in [*self.history, *self.plan]:
            milestone.at = began_at + (milestone.at - self.created_at) * times_slower
        self.created_at = began_at

    def break_off(self, ending: Milestone) -> None:
        """Let the plan end early."""
        self.plan = [*(milestone for milestone in self.plan if milestone.at < ending.at), ending]

    def pause(self, now: float) -> None:
        """Stop the plan from ``now`` on."""
        self.paused_at = now

    def resume(self, now: float) -> None:
        """Continue a paused plan from its stop."""
        if self.paused_at is not None:
            for milestone in self.plan:
                milestone.at += now - self.paused_at
            self.paused_at = None

    def finish(self, now: float, *, ending: Milestone | None = None) -> None:
        """Bring the whole plan, or ``ending`` in its place, forward to ``now``."""
        self.resume(now)
        self.plan = [ending] if ending else self.plan
        for milestone in self.plan:
            milestone.at = now
        self.settle(now)
