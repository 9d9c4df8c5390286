"""What the engine needs of a provider: a protocol, the job it answers, and its faults by outcome."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

FINETUNING_ID_KEY = "finetuning_id"
"""The key of a provider job's metadata under which our finetuning's id travels."""

DEPLOYMENT_KEY = "finetuning_deployment"
"""The key under which travels whose finetuning it is: other deployments may share the provider's account."""


class JobStatus(StrEnum):
    """Where a job stands, whatever words the provider has for it."""

    QUEUED = "queued"
    VALIDATING_FILES = "validating_files"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPING = "stopping"
    """It is being cancelled, and may still end in any way."""
    OTHER = "other"
    """It is live, in a word that only this provider has."""

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended."""
        return self in {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}


Parameter = int | float | str
"""A number, or ``"auto"``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobParameters:
    """The hyperparameters that a job says it has; ``None`` where it says nothing."""

    n_epochs: Parameter | None = None
    batch_size: Parameter | None = None
    learning_rate_multiplier: Parameter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderJob:
    """A job as the provider told it last; ``word`` is the provider's own for the ``status``."""

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
    """Whether jobs can be made of an uploaded file."""

    READY = "ready"
    """They can, or the provider does not say."""
    PROCESSING = "processing"
    """Not yet."""
    UNCLEAR = "unclear"
    """It is there, and the provider says nothing of its processing."""
    UNUSABLE = "unusable"
    """They cannot, and never will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFile:
    """An uploaded file; ``word`` is the provider's own for the ``status``, empty if it says none."""

    id: str
    status: FileStatus
    word: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """One line of the provider's own log of a job; ``metrics`` by the provider's names of them.

    Some endpoints tell no ids, which are empty then, or no times.
    """

    id: str
    at: datetime | None
    level: str
    message: str
    metrics: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """A page of the log in the provider's order; ``has_more`` is ``None`` where the provider does not say."""

    events: Sequence[ProviderEvent]
    has_more: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCheckpoint:
    """A model that the provider kept on the way and that can be used."""

    id: str
    created_at: datetime
    model_id: str
    step_number: int
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderHint:
    """What a webhook told; ``job_id`` is ``None`` if it was about something else."""

    delivery_id: str
    job_id: str | None


class ForgedWebhookError(Exception):
    """A webhook that the provider did not sign, or signed too long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """What a job is to be made of; ``finetuning_id`` and ``deployment_id`` go into its metadata."""

    finetuning_id: str
    deployment_id: str
    model: str
    training_file_id: str
    suffix: str
    n_epochs: int | str
    batch_size: int | str
    learning_rate_multiplier: int | float | str


class ProviderFault(Exception):
    """A provider call that did not end well; ``message`` is fit for a user and holds no secret.

    ``request_id`` is what the provider's support finds the request by, if the provider answered with one.
    """

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.request_id = request_id


class NotSentError(ProviderFault):
    """The request never reached the provider: nothing happened, and repeating it is safe."""


class RejectedError(ProviderFault):
    """The provider (or the client library) refused the request for good: nothing happened.

    ``as_such``: the endpoint itself answered that it does not carry out such a request (400, 404, 405, 410,
    422). A wrong key, a spent budget, a redirect and an address that cannot be called are something else.
    """

    def __init__(self, message: str, *, request_id: str | None = None, as_such: bool = False) -> None:
        super().__init__(message, request_id=request_id)
        self.as_such = as_such


class UnknownJobError(RejectedError):
    """The provider answered 404: it does not know what was asked for."""

    def __init__(self, message: str, *, request_id: str | None = None) -> None:
        super().__init__(message, request_id=request_id, as_such=True)


class CredentialsError(RejectedError):
    """The provider answered 401 or 403: the operator's key is wrong, not the request."""


class RetryLaterError(ProviderFault):
    """The provider refused for now (429): nothing happened; wait ``retry_after_s`` seconds if it is known."""

    def __init__(
        self, message: str, *, request_id: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, request_id=request_id)
        self.retry_after_s = retry_after_s


class OutcomeUnknownError(ProviderFault):
    """The request may or may not have been carried out: look before repeating it."""


def is_refused_as_such(fault: ProviderFault) -> bool:
    """Whether the endpoint itself answered that it does not carry out such a request."""
    return isinstance(fault, RejectedError) and fault.as_such


class FinetuningProvider(Protocol):
    """A fine-tuning provider.

    Every method raises a ``ProviderFault`` when the provider does not give a well-formed answer, and
    ends by itself within the provider's total time limit. No method repeats a request on its own.
    """

    async def upload_training_file(self, content: bytes, *, filename: str) -> TrainingFile:
        """Upload chat JSONL and return the file as the provider has it now."""
        ...

    async def retrieve_training_file(self, file_id: str) -> TrainingFile:
        """Return the file as it is now; raises ``UnknownJobError`` if the provider does not know it."""
        ...

    async def find_training_files(self, *, prefix: str) -> list[str]:
        """Return the ids of the uploaded training files whose name starts with ``prefix``, newest first."""
        ...

    async def delete_training_file(self, file_id: str) -> None:
        """Remove an uploaded file; a file that is already gone is no fault."""
        ...

    async def create_job(self, spec: JobSpec) -> ProviderJob:
        """Ask once for a job to be made."""
        ...

    async def find_jobs(
        self,
        *,
        finetuning_id: str,
        training_file_ids: Collection[str] = (),
        made_after: datetime | None = None,
    ) -> list[ProviderJob]:
        """Return every job that is ours, oldest first.

        A job is ours if it carries our id in its metadata. Some endpoints drop metadata, so a job without
        such an id is ours, too, if it trains on one of these files; the search for it may end at jobs older
        than ``made_after``. An empty list is a proof of absence at that moment: a search that could not be
        completed raises instead.
        """
        ...

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Return the job as it is now."""
        ...

    def list_jobs(
        self, *, deployment_id: str = "", reach: timedelta | None = None
    ) -> AsyncIterator[ProviderJob]:
        """Yield each job of the account once, newest first, one page at a time.

        With ``reach`` only those that are older than the newest by no more than that, as far as the list is
        in order, and then the older ones that carry the mark of this deployment.
        """
        ...

    async def cancel_job(self, job_id: str) -> ProviderJob:
        """Ask once for the job to be cancelled and return what the provider answered."""
        ...

    async def list_job_events(self, job_id: str, *, after: str | None) -> EventPage:
        """Return the page of the provider's log of the job behind the line of this id, or the first one."""
        ...

    async def list_checkpoints(self, job_id: str) -> list[ProviderCheckpoint]:
        """Return the newest of the checkpoints that the provider keeps of the job, in the order of steps."""
        ...

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str) -> ProviderHint:
        """Return what a webhook tells; raises ``ForgedWebhookError`` unless its signature is right."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
