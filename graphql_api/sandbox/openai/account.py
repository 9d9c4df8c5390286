"""The account behind the sandbox: its files, jobs and models."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from graphql_api.sandbox.clock import Clock, SystemClock
from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.faults import Outcome
from graphql_api.sandbox.files import FileStatus, StoredFile, Upload
from graphql_api.sandbox.openai.jobs import Job, JobError, JobStatus, Milestone
from graphql_api.sandbox.openai.missing import file_not_found, job_not_found, model_not_found
from graphql_api.sandbox.openai.submission import Submission
from graphql_api.sandbox.openai.training import Durations, examine, plan, resolve, result_table
from graphql_api.sandbox.openai.wire import Json, stranger_object

BASE_MODELS = (
    "gpt-3.5-turbo",
    "gpt-4",
    "gpt-4o-2024-08-06",
    "gpt-4o-mini-2024-07-18",
    "gpt-4.1-2025-04-14",
    "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano-2025-04-14",
)
BASE_MODELS_MADE_AT = 1_700_000_000.0
TUNABLE = re.compile(r"(gpt-|ft:|babbage-002|davinci-002)")
"""A stand-in need not know every snapshot: any name of these families is accepted."""


def _new_token() -> str:
    return secrets.token_hex(8)


@dataclass(slots=True, kw_only=True)
class Holdings:
    """The contents of an account, oldest first, as kept in a state file."""

    files: dict[str, StoredFile] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    deleted_models: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Account:
    """One OpenAI account; every method raises ``ApiError`` if OpenAI would refuse.

    Nothing runs in the background: each look at a job works out its status from the clock.
    """

    clock: Clock = field(default_factory=SystemClock)
    durations: Durations = field(default_factory=Durations)
    new_token: Callable[[], str] = _new_token
    holdings: Holdings = field(default_factory=Holdings)

    def add_file(self, upload: Upload, *, is_unusable: bool = False) -> StoredFile:
        """Store an uploaded file; after processing it is usable, except with ``is_unusable``."""
        now = self.clock.now()
        file = self._store(upload, file_id=f"file-sandbox{self.new_token()}", created_at=now)
        file.processed_at = now + self.durations.processing_s
        file.is_unusable = is_unusable
        return file

    def file(self, file_id: str) -> StoredFile:
        """Return one file."""
        if file_id not in self.holdings.files:
            self.jobs()  # a job may have ended by now and left its result file
        if file_id not in self.holdings.files:
            raise file_not_found(file_id)
        return self.holdings.files[file_id]

    def files(self) -> list[StoredFile]:
        """Return every file, oldest first."""
        self.jobs()
        return list(self.holdings.files.values())

    def delete_file(self, file_id: str) -> None:
        """Remove a file; jobs made from it go on."""
        self.file(file_id)
        del self.holdings.files[file_id]

    def create_job(self, submission: Submission) -> Job:
        """Make a job; a training file with bad content fails it later, in validation."""
        self._check(submission)
        token, now = self.new_token(), self.clock.now()
        asked = submission.asked
        job = Job(
            id=f"ftjob-sandbox{token}",
            created_at=now,
            model=submission.model,
            training_file=submission.training_file,
            validation_file=submission.validation_file,
            seed=submission.seed if submission.seed is not None else int(token, 16) % 2**31,
            suffix=submission.suffix,
            metadata=submission.metadata,
            asked=asked,
            resolved=resolve(asked),
            model_id=f"ft:{submission.model}:sandbox:{submission.suffix or ''}:{token[:8]}",
            result_file_id=f"file-sandbox{self.new_token()}",
            plan=[],
        )
        dataset = examine(self.holdings.files[submission.training_file].content)
        job.plan = plan(job, dataset=dataset, durations=self.durations)
        self.holdings.jobs[job.id] = job
        return self._settled(job)

    def job(self, job_id: str) -> Job:
        """Return one job as it is now."""
        if job_id not in self.holdings.jobs:
            raise job_not_found(job_id)
        return self._settled(self.holdings.jobs[job_id])

    def jobs(self) -> list[Job]:
        """Return every job as it is now, newest first."""
        return [self._settled(job) for job in reversed(self.holdings.jobs.values())]

    def cancel_job(self, job_id: str) -> Job:
        """Cancel a live job; it stays live for the time of a cancel in ``durations``."""
        job = self._live_job(job_id)
        takes_effect_at = self.clock.now() + self.durations.cancelling_s
        job.cancel(self.clock.now(), takes_effect=_cancellation(takes_effect_at))
        return self._settled(job)

    def pause_job(self, job_id: str) -> Job:
        """Pause a live job."""
        job = self._live_job(job_id)
        if job.status is JobStatus.PAUSED:
            raise ApiError(f"Job is already paused: {job_id}", code="invalid_status")
        job.pause(self.clock.now())
        return job

    def resume_job(self, job_id: str) -> Job:
        """Resume a paused job."""
        job = self._live_job(job_id)
        if job.status is not JobStatus.PAUSED:
            raise ApiError(f"Job is not paused: {job_id}", code="invalid_status")
        job.resume(self.clock.now())
        return job

    def finish_job(self, job_id: str, *, outcome: JobStatus = JobStatus.SUCCEEDED) -> Job:
        """Bring a live job to its end at once; an ended job stays unchanged."""
        job = self.job(job_id)
        if not job.status.is_terminal:
            now = self.clock.now()
            job.finish(now, ending=_ENDINGS[outcome](now) if outcome in _ENDINGS else None)
        return self._settled(job)

    def count_jobs(self) -> int:
        """Return the number of all jobs."""
        return len(self.holdings.jobs)

    def finish(self, job_id: str | None, *, outcome: Outcome) -> None:
        """Bring one live job, or all of them, to its end at once."""
        for job in self.jobs():
            if job_id in {None, job.id}:
                self.finish_job(job.id, outcome=JobStatus(outcome))

    def stranger(self) -> Json:
        """Return a well-formed but unrequested job."""
        return stranger_object(self.clock.now())

    def date_back(
        self, job_id: str, *, began_s_ago: float, times_slower: float, breaks_at: float | None = None
    ) -> Job:
        """Let a job have begun that long ago and train that much more slowly.

        ``breaks_at`` is the share of its time after which it fails. An ended job stays unchanged.
        """
        job = self.job(job_id)
        if not job.status.is_terminal:
            job.date_back(self.clock.now() - began_s_ago, times_slower=times_slower)
            if breaks_at is not None:
                at = job.created_at + breaks_at * (job.plan[-1].at - job.created_at)
                job.break_off(_breakdown(at))
        return self._settled(job)

    def models(self) -> dict[str, float]:
        """Return every model with its time of creation: first the base models, then the trained ones."""
        trained = {
            job.model_id: job.finished_at
            for job in self.jobs()
            if job.finished_at and job.status is JobStatus.SUCCEEDED
        }
        kept = {model: at for model, at in trained.items() if model not in self.holdings.deleted_models}
        return dict.fromkeys(BASE_MODELS, BASE_MODELS_MADE_AT) | kept

    def delete_model(self, model: str) -> None:
        """Delete a trained model."""
        if model in BASE_MODELS:
            raise ApiError("You cannot delete a base model.", status=403, param="model")
        if model not in self.models():
            raise model_not_found(model)
        self.holdings.deleted_models.add(model)

    def _check(self, submission: Submission) -> None:
        if not TUNABLE.match(submission.model):
            message = f"Model {submission.model} is not available for fine-tuning or does not exist."
            raise ApiError(message, param="model", code="model_not_available")
        for param in ("training_file", "validation_file"):
            file_id = getattr(submission, param)
            if file_id is not None:
                self._check_file(file_id, param=param)

    def _check_file(self, file_id: str, *, param: str) -> None:
        file = self.holdings.files.get(file_id)
        if file is None:
            raise ApiError(f"invalid {param}: {file_id}", param=param, code="invalid_file")
        if file.purpose != "fine-tune":
            message = f"The {param} must have the purpose 'fine-tune', not '{file.purpose}'."
            raise ApiError(message, param=param, code="invalid_file_purpose")
        status = file.status_at(self.clock.now())
        if status is not FileStatus.PROCESSED:
            message = f"The file {file_id} is not ready: its status is {status}."
            raise ApiError(message, param=param, code="invalid_file")

    def _live_job(self, job_id: str) -> Job:
        job = self.job(job_id)
        if job.status.is_terminal:
            # OpenAI's answer here is not documented; clients report a 400.
            raise ApiError(f"Job has already completed: {job_id} ({job.status})", code="invalid_status")
        return job

    def _settled(self, job: Job) -> Job:
        job.settle(self.clock.now())
        if job.status is JobStatus.SUCCEEDED and job.finished_at and not job.has_result_file:
            job.has_result_file = True
            table = Upload(
                filename="step_metrics.csv", purpose="fine-tune-results", content=result_table(job)
            )
            self._store(table, file_id=job.result_file_id, created_at=job.finished_at)
        return job

    def _store(self, upload: Upload, *, file_id: str, created_at: float) -> StoredFile:
        file = StoredFile(
            id=file_id,
            created_at=created_at,
            filename=upload.filename,
            purpose=upload.purpose,
            content=upload.content,
        )
        self.holdings.files[file_id] = file
        return file


def _cancellation(at: float) -> Milestone:
    return Milestone(at=at, message="The job has been cancelled", status=JobStatus.CANCELLED)


def _breakdown(at: float) -> Milestone:
    message = "The job failed in training, as it was told to"
    error = JobError(code="server_error", message=message)
    return Milestone(at=at, message=message, status=JobStatus.FAILED, error=error)


_ENDINGS = {JobStatus.CANCELLED: _cancellation, JobStatus.FAILED: _breakdown}
