"""The account behind the sandbox: its files and jobs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from graphql_api.sandbox.clock import Clock, SystemClock
from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.faults import Outcome
from graphql_api.sandbox.files import FileStatus, StoredFile, Upload
from graphql_api.sandbox.stand_in import Json
from graphql_api.sandbox.together.jobs import Job, JobStatus, Step
from graphql_api.sandbox.together.submission import Submission
from graphql_api.sandbox.together.wire import stranger_object


def _new_token() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The time of a file's processing, of each status of a job, and of a cancel, in seconds."""

    processing_s: float = 0.0
    pending_s: float = 1.0
    queued_s: float = 1.0
    running_s: float = 60.0
    compressing_s: float = 2.0
    uploading_s: float = 2.0
    cancelling_s: float = 1.0


@dataclass(slots=True, kw_only=True)
class Account:
    """One account at Together AI; every method raises ``ApiError`` if Together AI would refuse.

    Nothing runs in the background: each look at a job works out its status from the clock.
    """

    clock: Clock = field(default_factory=SystemClock)
    durations: Durations = field(default_factory=Durations)
    new_token: Callable[[], str] = _new_token
    _files: dict[str, StoredFile] = field(default_factory=dict)
    _jobs: dict[str, Job] = field(default_factory=dict)

    def add_file(self, upload: Upload, *, is_unusable: bool = False) -> StoredFile:
        """Store an uploaded file; after processing it is usable, except with ``is_unusable``."""
        now = self.clock.now()
        file = StoredFile(
            id=f"file-{self.new_token()}",
            created_at=now,
            filename=upload.filename,
            purpose=upload.purpose,
            content=upload.content,
            processed_at=now + self.durations.processing_s,
            is_unusable=is_unusable,
        )
        self._files[file.id] = file
        return file

    def file(self, file_id: str) -> StoredFile:
        """Return one file."""
        if file_id not in self._files:
            raise ApiError(f"File {file_id} not found", status=404, kind="not_found", param="id")
        return self._files[file_id]

    def files(self) -> list[StoredFile]:
        """Return every file, oldest first."""
        return list(self._files.values())

    def delete_file(self, file_id: str) -> None:
        """Remove a file; jobs made from it go on."""
        self.file(file_id)
        del self._files[file_id]

    def create_job(self, submission: Submission) -> Job:
        """Make a job of a processed file."""
        self._check_file(submission.training_file)
        token, now = self.new_token(), self.clock.now()
        name = "-".join(filter(None, [submission.model.rpartition("/")[2], submission.suffix, token[:8]]))
        job = Job(
            id=f"ft-{token}",
            created_at=now,
            model=submission.model,
            training_file=submission.training_file,
            suffix=submission.suffix,
            n_epochs=submission.n_epochs,
            batch_size=submission.batch_size,
            learning_rate=submission.learning_rate,
            output_name=f"sandbox/{name}",
            plan=_plan(now, durations=self.durations),
        )
        self._jobs[job.id] = job
        return self.job(job.id)

    def job(self, job_id: str) -> Job:
        """Return one job as it is now."""
        if job_id not in self._jobs:
            raise ApiError(f"Fine-tune job {job_id} not found", status=404, kind="not_found", param="id")
        job = self._jobs[job_id]
        job.settle(self.clock.now())
        return job

    def jobs(self) -> list[Job]:
        """Return every job as it is now, oldest first."""
        return [self.job(job_id) for job_id in self._jobs]

    def cancel_job(self, job_id: str) -> Job:
        """Ask a live job to stop: it is half-way for the time of a cancel, and only then cancelled."""
        job, now = self.job(job_id), self.clock.now()
        if job.status.is_terminal:
            raise ApiError(f"Fine-tune job {job_id} is {job.status} and cannot be cancelled")
        if job.status is not JobStatus.CANCEL_REQUESTED:
            job.request_cancel(now, ending=_ending(Outcome.CANCELLED, at=now + self.durations.cancelling_s))
        return self.job(job_id)

    def finish_job(self, job_id: str, *, outcome: Outcome = Outcome.SUCCEEDED) -> Job:
        """Bring a live job to its end at once; an ended job stays unchanged."""
        job, now = self.job(job_id), self.clock.now()
        if not job.status.is_terminal:
            # What a cancel has cut off does not come back, so a job half-way ends by a step alone.
            goes_on = outcome is Outcome.SUCCEEDED and job.status is not JobStatus.CANCEL_REQUESTED
            job.finish(now, ending=None if goes_on else _ending(outcome, at=now))
        return job

    def count_jobs(self) -> int:
        """Return the number of all jobs."""
        return len(self._jobs)

    def finish(self, job_id: str | None, *, outcome: Outcome) -> None:
        """Bring one live job, or all of them, to its end at once."""
        for job in self.jobs():
            if job_id in {None, job.id}:
                self.finish_job(job.id, outcome=outcome)

    def stranger(self) -> Json:
        """Return a well-formed but unrequested job."""
        return stranger_object(self.clock.now())

    def _check_file(self, file_id: str) -> None:
        file = self._files.get(file_id)
        if file is None or file.purpose != "fine-tune":
            raise ApiError(f"Training file {file_id} not found", param="training_file")
        if file.status_at(self.clock.now()) is not FileStatus.PROCESSED:
            raise ApiError(f"Training file {file_id} is not validated", param="training_file")


def _plan(now: float, *, durations: Durations) -> list[Step]:
    """Return the steps of an undisturbed job, in order."""
    queued = now + durations.pending_s
    running = queued + durations.queued_s
    compressing = running + durations.running_s
    uploading = compressing + durations.compressing_s
    completed = uploading + durations.uploading_s
    steps = [
        (now, JobStatus.PENDING, "job_pending", "Fine tune request created"),
        (queued, JobStatus.QUEUED, "job_pending", "Job is waiting for a free machine"),
        (running, JobStatus.RUNNING, "job_start", "Job started"),
        (compressing, JobStatus.COMPRESSING, "training_complete", "Training completed"),
        (uploading, JobStatus.UPLOADING, "model_uploading", "Uploading the model"),
        (completed, JobStatus.COMPLETED, "job_complete", "Job finished"),
    ]
    return [Step(at=at, status=status, event=event, message=said) for at, status, event, said in steps]


_ENDINGS = {
    Outcome.SUCCEEDED: (JobStatus.COMPLETED, "job_complete", "Job finished"),
    Outcome.FAILED: (JobStatus.ERROR, "job_error", "The training broke off, as it was told to"),
    Outcome.CANCELLED: (JobStatus.CANCELLED, "job_stopped", "Job was cancelled"),
}


def _ending(outcome: Outcome, *, at: float) -> Step:
    status, event, message = _ENDINGS[outcome]
    return Step(at=at, status=status, event=event, message=message)
