"""A provider in memory, with its own record of every request.

The oracle holds the engine to this record.
"""

from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from graphql_api.documents import AccountKey
from graphql_api.providers.openai.status_words import job_status
from graphql_api.providers.port import (
    DEPLOYMENT_KEY,
    FINETUNING_ID_KEY,
    EventPage,
    FileStatus,
    ForgedWebhookError,
    JobSpec,
    OutcomeUnknownError,
    ProviderCheckpoint,
    ProviderHint,
    ProviderJob,
    RejectedError,
    TrainingFile,
    UnknownJobError,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
OPENAI = AccountKey("openai")
"""The only account."""
LISTED = "listed-"
"""A list with ids of its own puts this before each."""


@dataclass(slots=True, kw_only=True)
class RecordedJob:
    """A job as it really is; until ``shown_at`` the provider denies it, until ``listed_at`` lists miss it.

    ``progress`` counts its changes. It is shown as the trained tokens, so an older sight is known by it.
    """

    id: str
    spec: JobSpec
    created_at: float
    marks: Mapping[str, str]
    status: str = "running"
    progress: int = 0
    delay_s: float = 0
    repeated: bool = False
    shown_at: float = 0
    listed_at: float = 0
    stops_at: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether it costs money."""
        return not job_status(self.status).is_terminal

    @property
    def is_denied(self) -> bool:
        """Whether it was already denied."""
        return bool(self.shown_at or self.listed_at)

    def change(self, status: str) -> None:
        """Move on to this status."""
        self.status = status
        self.progress += 1

    def told(self) -> ProviderJob:
        """Return the job as the provider tells it."""
        ended_at = None if self.is_live else START + timedelta(seconds=self.created_at)
        return ProviderJob(
            id=self.id,
            status=job_status(self.status),
            word=self.status,
            model=self.spec.model,
            training_file_id=self.spec.training_file_id,
            error="bad file" if self.status == "failed" else None,
            trained_tokens=self.progress,
            created_at=START + timedelta(seconds=self.created_at),
            finished_at=ended_at,
            metadata=self.marks,
        )


class Lists(StrEnum):
    """The fate of every call that lists jobs."""

    WORK = "work"
    REFUSED = "refused"
    DOWN = "down"


@dataclass(slots=True, kw_only=True)
class MemoryProvider:
    """Implements the port without a network; every call takes effect immediately and never waits."""

    time: Callable[[], float]
    on_created: Callable[[RecordedJob], None] = lambda job: None
    on_stopped: Callable[[RecordedJob], None] = lambda job: None
    jobs: dict[str, RecordedJob] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    uploads: int = 0
    late_uploads: int = 0
    delay_s: float | None = None
    drops_metadata: bool = False
    lists: Lists = Lists.WORK
    repeats: bool = False
    list_prefix: str = ""
    on_searched: Callable[[Collection[str], Collection[str]], None] = lambda known, found: None
    stopping_s: float = 0
    processed_at: float = 0
    finds_files_unusable: bool = False
    early_creates: int = 0

    def key(self, now: float) -> Hashable:
        """Return the record, with times counted from ``now``."""
        jobs = tuple(
            (
                job.status,
                job.progress,
                job.repeated,
                job.delay_s,
                max(job.shown_at - now, 0),
                max(job.listed_at - now, 0),
            )
            for job in self.jobs.values()
        )
        stops = tuple(job.stops_at and job.stops_at - now for job in self.jobs.values())
        files = tuple((id_, content_of(name)) for id_, name in self.files.items())
        slow = stops, max(self.processed_at - now, 0), self.early_creates
        return jobs, files, self.uploads, self.late_uploads, slow, self.lists

    def live_jobs(self) -> list[RecordedJob]:
        """Return the jobs that cost money now."""
        self._settle()
        return [job for job in self.jobs.values() if job.is_live]

    def end_jobs(self, status: str) -> None:
        """Let every live job come to its end by itself."""
        for job in self.live_jobs():
            job.change(status)

    def go_on(self) -> None:
        """Let every live job make progress."""
        for job in self.live_jobs():
            job.change(job.status)

    def hide_jobs(self, *, seconds: float) -> None:
        """Deny every job for some time, as with a key of another account."""
        for job in self.jobs.values():
            job.shown_at = self.time() + seconds

    def delay_listing(self, *, seconds: float) -> None:
        """Let lists lag this much behind the create call."""
        for job in self.jobs.values():
            job.listed_at = job.created_at - job.delay_s + seconds

    async def upload_training_file(self, content: bytes, *, filename: str) -> TrainingFile:
        """Keep the file. It is ready immediately."""
        self.uploads += 1
        file_id = f"file-{self.uploads}"
        self.late_uploads += self.delay_s is not None
        self.files[file_id] = filename
        return TrainingFile(id=file_id, status=FileStatus.READY, word="processed")

    async def retrieve_training_file(self, file_id: str) -> TrainingFile:
        """Return the file."""
        if file_id not in self.files:
            raise UnknownJobError(f"The provider does not know the file {file_id}.")
        if self.time() < self.processed_at:
            return TrainingFile(id=file_id, status=FileStatus.PROCESSING, word="pending")
        if self.finds_files_unusable:
            return TrainingFile(id=file_id, status=FileStatus.UNUSABLE, word="error", reason="bad file")
        return TrainingFile(id=file_id, status=FileStatus.READY, word="processed")

    async def find_training_files(self, *, prefix: str) -> list[str]:
        """Return the ids of the files with these names."""
        return [file_id for file_id, name in self.files.items() if name.startswith(prefix)]

    async def delete_training_file(self, file_id: str) -> None:
        """Forget the file."""
        self.files.pop(file_id, None)

    async def create_job(self, spec: JobSpec) -> ProviderJob:
        """Make the job, and another one before it if creates are repeated; refuse an unprocessed file."""
        if self.time() < self.processed_at:
            self.early_creates += 1
            raise RejectedError(f"The file {spec.training_file_id} is not ready.")
        if self.repeats:
            self._make(spec).repeated = True
        job = self._make(spec)
        self.on_created(job)
        return job.told()

    def _make(self, spec: JobSpec) -> RecordedJob:
        sent = {FINETUNING_ID_KEY: spec.finetuning_id, DEPLOYMENT_KEY: spec.deployment_id}
        job = RecordedJob(
            id=f"ftjob-{len(self.jobs) + 1}",
            spec=spec,
            created_at=self.time(),
            marks={} if self.drops_metadata else sent,
        )
        job.delay_s = self.delay_s or 0
        self.jobs[job.id] = job
        return job

    async def find_jobs(
        self,
        *,
        finetuning_id: str,
        training_file_ids: Collection[str] = (),
        made_after: datetime | None = None,
    ) -> list[ProviderJob]:
        """Return the finetuning's jobs already shown by lists, as far as they can be known."""
        listed = (await self.jobs_listed())[::-1]
        found = [job for job in listed if _is_ours(job, finetuning_id, training_file_ids)]
        self.on_searched([job.id for job in listed], [job.id for job in found])
        return found

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Return the job as it is now."""
        return replace(self._shown(job_id).told(), id=job_id)

    async def list_jobs(
        self, *, deployment_id: str = "", reach: timedelta | None = None
    ) -> AsyncIterator[ProviderJob]:
        """Yield every job already shown by lists, newest first."""
        for job in await self.jobs_listed():
            yield job

    async def jobs_listed(self) -> list[ProviderJob]:
        """Return the only page, with its own ids if it has some."""
        if self.lists is Lists.REFUSED:
            raise RejectedError("There are no lists here.", as_such=True)
        if self.lists is Lists.DOWN:
            raise OutcomeUnknownError("no reply")
        self._settle()
        shown = [job for job in reversed(self.jobs.values()) if job.listed_at <= self.time()]
        return [replace(job.told(), id=f"{self.list_prefix}{job.id}") for job in shown]

    async def cancel_job(self, job_id: str) -> ProviderJob:
        """Cancel the job. This may take time; a job already at its end refuses it."""
        job = self._shown(job_id)
        if not job.is_live:
            raise RejectedError(f"The job {job_id} has ended.")
        self.on_stopped(job)
        if not self.stopping_s:
            job.change("cancelled")
        elif job.stops_at is None:
            job.stops_at = self.time() + self.stopping_s
            job.change("cancelling")
        return replace(job.told(), id=job_id)

    async def list_job_events(self, job_id: str, *, after: str | None) -> EventPage:
        """Return no events."""
        return EventPage(events=[], has_more=False)

    async def list_checkpoints(self, job_id: str) -> list[ProviderCheckpoint]:
        """Return no checkpoints."""
        return []

    def read_webhook(self, body: bytes, headers: Mapping[str, str], *, secret: str) -> ProviderHint:
        """Refuse: hints are given to the engine directly."""
        raise ForgedWebhookError

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    def _settle(self) -> None:
        """Let every cancel under way for long enough come true."""
        for job in self.jobs.values():
            if job.is_live and job.stops_at is not None and job.stops_at <= self.time():
                job.change("cancelled")

    def _shown(self, job_id: str) -> RecordedJob:
        self._settle()
        job = self.jobs.get(true_id(job_id))
        if job is None or job.shown_at > self.time():
            raise UnknownJobError(f"The provider does not know the job {job_id}.")
        return job


def true_id(job_id: str) -> str:
    """Return the job's own id from any id shown by a list."""
    return job_id.removeprefix(LISTED)


def _is_ours(job: ProviderJob, finetuning_id: str, file_ids: Collection[str]) -> bool:
    mark = job.metadata.get(FINETUNING_ID_KEY)
    return job.training_file_id in file_ids if mark is None else mark == finetuning_id


def content_of(name: str) -> str:
    """Return the part of a training file's name that depends on its content, and not on its owner."""
    return name.rpartition("-")[2]
