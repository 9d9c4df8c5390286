"""Together AI's words: only three of them are ends."""

import pytest

from graphql_api.providers.port import FileStatus, JobStatus
from graphql_api.providers.together.status_words import file_status, job_status

JOBS = {
    JobStatus.QUEUED: ["pending", "queued"],
    JobStatus.RUNNING: ["running", "compressing", "uploading"],
    JobStatus.STOPPING: ["cancel_requested", "CANCEL_REQUESTED"],
    JobStatus.CANCELLED: ["cancelled"],
    JobStatus.FAILED: ["error", "user_error"],
    JobStatus.SUCCEEDED: ["completed"],
    JobStatus.OTHER: ["paused", "succeeded", "cancelling", "completed_soon", "-"],
}
FILES = {
    FileStatus.READY: ["COMPLETED", ""],
    FileStatus.PROCESSING: ["PENDING", "QUEUED", "RUNNING"],
    FileStatus.UNUSABLE: ["FAILED", "INVALID_FORMAT"],
    FileStatus.UNCLEAR: ["UPLOADED", "-"],
}


@pytest.mark.parametrize(
    ("word", "status"), [(word, status) for status, words in JOBS.items() for word in words]
)
def test_a_jobs_word(word: str, status: JobStatus) -> None:
    """``cancel_requested`` is half-way, and an unknown word is live."""
    assert job_status(word) is status
    assert status.is_terminal is (word in {"cancelled", "error", "user_error", "completed"})


@pytest.mark.parametrize(
    ("word", "status"), [(word, status) for status, words in FILES.items() for word in words]
)
def test_a_files_word(word: str, status: FileStatus) -> None:
    """A file without validation has no word, and can be used."""
    assert file_status(word) is status
