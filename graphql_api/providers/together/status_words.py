"""Together AI's words for the status of jobs and files.

``cancel_requested`` is half-way: such a job may still end in any way. A job in compression or upload has
trained, and is live all the same. A word missing here is live.
"""

from graphql_api.providers.port import FileStatus, JobStatus
from graphql_api.providers.status_words import by_word, plain

_JOB_STATUSES = by_word(
    {
        JobStatus.QUEUED: "pending queued",
        JobStatus.RUNNING: "running compressing uploading",
        JobStatus.STOPPING: "cancel_requested",
        JobStatus.SUCCEEDED: "completed",
        JobStatus.FAILED: "error user_error",
        JobStatus.CANCELLED: "cancelled",
    }
)
_FILE_STATUSES = by_word(
    {
        FileStatus.PROCESSING: "pending queued running",
        FileStatus.READY: "completed",
        FileStatus.UNUSABLE: "failed invalid_format",
    }
)


def job_status(word: str) -> JobStatus:
    """Return the status behind the word for a job."""
    return _JOB_STATUSES.get(plain(word), JobStatus.OTHER)


def file_status(word: str) -> FileStatus:
    """Return the status behind the word for a file; files without validation have none."""
    return _FILE_STATUSES.get(plain(word), FileStatus.UNCLEAR) if word else FileStatus.READY
