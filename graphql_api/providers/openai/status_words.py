"""The endpoints' words for the status of jobs and files.

Endpoints with OpenAI's API spell them in many ways: ``canceled``, ``CANCELLED``, ``notRunning``. Only an
unmistakable word is an end. A word missing here is live, and so is a word for something half done: a
``cancelling`` job is not cancelled yet.
"""

from graphql_api.providers.port import FileStatus, JobStatus
from graphql_api.providers.status_words import by_word, plain

_JOB_WORDS: dict[JobStatus, str] = {
    JobStatus.QUEUED: "queued pending created not_running not_started scheduled submitted waiting",
    JobStatus.VALIDATING_FILES: "validating_files validating",
    JobStatus.RUNNING: "running in_progress training started",
    JobStatus.SUCCEEDED: "succeeded success successful completed complete",
    JobStatus.FAILED: "failed failure error errored",
    JobStatus.CANCELLED: "cancelled canceled user_cancelled user_canceled",
    JobStatus.STOPPING: "cancelling canceling cancel_requested cancelation_requested pending_cancel stopping",
}

_FILE_WORDS: dict[FileStatus, str] = {
    FileStatus.READY: "processed succeeded success ready completed available",
    FileStatus.PROCESSING: "pending processing running not_running queued validating in_progress",
    FileStatus.UNUSABLE: "error failed failure invalid deleting deleted",
}


_JOB_STATUSES = by_word(_JOB_WORDS)
_FILE_STATUSES = by_word(_FILE_WORDS)


def job_status(word: str) -> JobStatus:
    """Return the status behind the provider's word for a job."""
    return _JOB_STATUSES.get(plain(word), JobStatus.OTHER)


def file_status(word: str) -> FileStatus:
    """Return the status behind the provider's word for a file, which may be empty."""
    return _FILE_STATUSES.get(plain(word), FileStatus.UNCLEAR) if word else FileStatus.READY
