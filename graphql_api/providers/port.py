"""The provider port: a protocol, its data and faults."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

FINETUNING_ID_KEY = "finetuning_id"
"""The key of our finetuning's id in a provider job's metadata."""

DEPLOYMENT_KEY = "finetuning_deployment"
"""The key of our deployment's id, because other deployments may share the provider's account."""


class JobStatus(StrEnum):
    """The status of a job, independent of the provider's own words."""

    QUEUED = "queued"
    VALIDATING_FILES = "validating_files"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPING = "stopping"
    """It is being cancelled, and may still end in any way."""
    OTHER = "other"
    """It is live, and the provider uses a word of its own."""

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended."""
        return self in {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}


Parameter = int | float | str
"""A number, or ``"auto"``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobParameters:
    """The hyperparameters reported by a job; ``None`` if it reports nothing."""

    n_epochs: Parameter | None = None
    batch_size: Parameter | None = None
    learning_rate_multiplier: Parameter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderJob:
    """A job as the provider last reported it; ``word`` is the provider's own word for the ``status``."""

    id: str
    status: JobStatus
    word: str
    model: str
    training_file_id: str
    model_id: str | None = None
    error: str | None = None
    trained_tokens: int | None = None
    created_at: datetime
    finished_at: datetime | None = None
    estimated_finish_at: datetime | None = None
    parameters: JobParameters = JobParameters()
    metadata: Mapping[str, str] = field(default_factory=dict)


class FileStatus(StrEnum):
    """Whether a job can train on an uploaded file."""

    READY = "ready"
    """It can, or the provider does not say."""
    PROCESSING = "processing"
    """Not yet."""
    UNCLEAR = "unclear"
    """The file exists, and the provider does not report its processing."""
    UNUSABLE = "unusable"
    """It cannot, and never will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFile:
    """An uploaded file; ``word`` is the provider's own word for the ``status``, empty if it sends no word."""

    id: str
    status: FileStatus
    word: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """One line of the provider's own log of a job; ``metrics`` has the provider's names as keys.

    Some endpoints send no ids or no times. A missing id is empty.
    """

    id: str
    at: datetime | None
    level: str
    message: str
    metrics: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """A page of the log in the provider's order; ``has_more`` is ``None`` if the provider does not say."""

    events: Sequence[JobEvent]
    has_more: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCheckpoint:
    """A usable model kept by the provider during training."""

    id: str
    created_at: datetime
    model_id: str
    step_number: int
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderHint:
    """The content of a webhook; ``job_id`` is ``None`` if it was about something else."""

    delivery_id: str
    job_id: str | None


class ForgedWebhookError(Exception):
    """A webhook not signed by the provider, or signed too long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """The specification of a job; ``finetuning_id`` and ``deployment_id`` go into its metadata.

    The provider names the model after ``suffix``, or after as much of ``alias`` as it takes.
    """

    finetuning_id: str
    deployment_id: str
    model: str
    training_file_id: str
    alias: str
    suffix: str | None = None
    seed: int | None = None
    n_epochs: int | str
    batch_size: int | str
    learning_rate_multiplier: int | float | str


class ProviderFault(Exception):
    """A failed provider call; ``message`` is fit for a user and holds no secret.

    The provider's support finds the request by ``request_id``, if the provider answered with one.
    """

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.request_id = request_id


class NotSentError(ProviderFault):
    """The request never reached the provider: nothing happened, and repeating it is safe."""


class RejectedError(ProviderFault):
    """The provider (or the client library) refused the request for good: nothing happened.

    ``as_such``: the endpoint itself answered that it does not carry out this kind of request (400, 404, 405,
    410, 422). A wrong key, a spent budget, a redirect and an unusable address are something else.
    """

    def __init__(self, message: str, *, request_id: str | None = None, as_such: bool = False) -> None:
        super().__init__(message, request_id=request_id)
        self.as_such = as_such


class UnknownJobError(RejectedError):
    """The provider answered 404: it does not know this object."""

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        super().__init__(message, request_id=request_id, as_such=True)


class CredentialsError(RejectedError):
    """The provider answered 401 or 403: the account's key is wrong, not the request."""


class PermissionDeniedError(CredentialsError):
    """The provider answered 403: it knows the key, and the key may not do this."""


class RetryLaterError(ProviderFault):
    """The provider refused for now (429): nothing happened; wait ``retry_after_s`` seconds if known."""

    def __init__(
        self, message: str, *, request_id: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, request_id=request_id)
        self.retry_after_s = retry_after_s


class OutcomeUnknownError(ProviderFault):
    """The request may or may not have been carried out: look before repeating it."""


class MalformedAnswerError(OutcomeUnknownError):
    """The provider answered, and not as its API says."""


def is_refused_as_such(fault: ProviderFault) -> bool:
    """Whether the endpoint itself refuses this kind of request."""
    return isinstance(fault, RejectedError) and fault.as_such


class FinetuningProvider(Protocol):
    """A fine-tuning provider.

    Every method raises a ``ProviderFault`` if the provider gives no well-formed answer, and ends by
    itself within the provider's total time limit. No method repeats a request on its own.
    """

    async def upload_training_file(self, content: bytes, *, filename: str) -> TrainingFile:
        """Upload chat JSONL and return the file in its current state."""
        ...

    async def retrieve_training_file(self, file_id: str) -> TrainingFile:
        """Return the file as it is now; raises ``UnknownJobError`` if the provider does not know it."""
        ...

    async def find_training_files(self, *, prefix: str) -> list[str]:
        """Return the ids of the training files with a name that starts with ``prefix``, newest first."""
        ...

    async def delete_training_file(self, file_id: str) -> None:
        """Remove an uploaded file; a missing file is no fault."""
        ...

    async def create_job(self, spec: JobSpec) -> ProviderJob:
        """Ask once for a new job."""
        ...

    async def find_jobs(
        self,
        *,
        finetuning_id: str,
        training_file_ids: Collection[str] = (),
        made_after: datetime | None = None,
    ) -> list[ProviderJob]:
        """Return all our jobs, oldest first.

        A job is ours if its metadata carries our id. Some endpoints drop metadata, so a job without an id is
        ours too if it trains on one of these files. The search for it may end at jobs older than
        ``made_after``. An empty list proves absence at that moment: an incomplete search raises instead.
        """
        ...

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Return the job as it is now."""
        ...

    def list_jobs(
        self, *, deployment_id: str = "", reach: timedelta | None = None
    ) -> AsyncIterator[ProviderJob]:
        """Yield each job of the account once, newest first, one page at a time.

        With ``reach``, first the jobs at most that much older than the newest, as far as the list is in
        order, and then the older ones with the mark of this deployment.
        """
        ...

    async def cancel_job(self, job_id: str) -> ProviderJob:
        """Ask once to cancel the job and return the provider's answer."""
        ...

    async def list_job_events(self, job_id: str, *, after: str | None) -> EventPage:
        """Return the page of the job's log after the line with this id, or the first page."""
        ...

    async def list_checkpoints(self, job_id: str) -> list[ProviderCheckpoint]:
        """Return the newest checkpoints kept by the provider for the job, in the order of steps."""
        ...

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str) -> ProviderHint:
        """Return the content of a webhook; raises ``ForgedWebhookError`` for a wrong signature."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
