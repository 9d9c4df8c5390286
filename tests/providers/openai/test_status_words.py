"""The words of other endpoints.

Every spelling of an end is this end; any other word means a live job.
"""

import pytest

from graphql_api.documents import FinetuningStatus
from graphql_api.providers.openai.answers import read_file, read_job
from graphql_api.providers.openai.status_words import job_status
from graphql_api.providers.port import FileStatus, JobStatus
from tests.providers.openai.wire import file, job

ENDS = {
    JobStatus.CANCELLED: ["cancelled", "canceled", "CANCELLED", "Canceled", "user_cancelled"],
    JobStatus.SUCCEEDED: ["succeeded", "SUCCESS", "completed", "Succeeded", "COMPLETED"],
    JobStatus.FAILED: ["failed", "error", "Failed", "FAILURE"],
}
LIVE = {
    JobStatus.QUEUED: ["queued", "pending", "created", "notRunning", "not_running", "PENDING"],
    JobStatus.VALIDATING_FILES: ["validating_files", "VALIDATING-FILES", "validatingFiles"],
    JobStatus.RUNNING: ["running", "Running", "in_progress", "InProgress"],
    JobStatus.STOPPING: ["canceling", "cancelling", "CANCELLING", "cancel_requested", "stopping"],
    JobStatus.OTHER: ["pausing", "paused", "resuming", "compressing", "deleted", "cancelled?!soon", "-", "1"],
}


def spelled(words: dict[JobStatus, list[str]]) -> pytest.MarkDecorator:
    """Give a test each of the words, and the state of a job in it."""
    pairs = [(word, status) for status, spellings in words.items() for word in spellings]
    return pytest.mark.parametrize(("word", "status"), pairs)


@spelled(ENDS)
def test_every_spelling_of_an_end_is_that_end(word: str, status: JobStatus) -> None:
    """Case, dashes and the other side of the Atlantic make no difference; the word itself is kept."""
    read = read_job(job(status=word))
    assert (read.status, read.word, read.status.is_terminal) == (status, word, True)


@spelled(LIVE)
def test_what_is_no_end_is_live(word: str, status: JobStatus) -> None:
    """A word for something half done, and an unknown one, end nothing."""
    assert (job_status(word), job_status(word).is_terminal) == (status, False)


def test_every_status_of_a_finetuning_has_a_job_status_of_its_name() -> None:
    """Only the half-way and the unknown have no match among the clients' statuses."""
    unmatched = {JobStatus.STOPPING, JobStatus.OTHER}
    assert {status.value for status in FinetuningStatus} == {*JobStatus} - unmatched
    assert all(FinetuningStatus(one).is_terminal is one.is_terminal for one in {*JobStatus} - unmatched)


FILES: dict[FileStatus, list[object]] = {
    FileStatus.READY: ["processed", "Processed", "succeeded", None, "", 7],
    FileStatus.PROCESSING: ["pending", "running", "notRunning", "PENDING", "processing"],
    FileStatus.UNCLEAR: ["uploaded", "somewhere", "-"],
    FileStatus.UNUSABLE: ["error", "FAILED", "deleting", "deleted"],
}


@pytest.mark.parametrize(
    ("word", "status"), [(word, status) for status, words in FILES.items() for word in words]
)
def test_a_files_word_says_whether_jobs_can_be_made_of_it(word: object, status: FileStatus) -> None:
    """An endpoint without a word takes it at once, and an unknown word is not taken for ready."""
    read = read_file(file(status=word)).file
    assert (read.status, read.word) == (status, word if isinstance(word, str) else "")


def test_an_unusable_file_has_the_providers_reason() -> None:
    """In any shape."""
    details = {"message": {"reason": "Line 3 is no chat"}}
    assert read_file(file(status="error", status_details=details)).file.reason == "Line 3 is no chat"
    assert read_file(file(status="error", status_details=None)).file.reason is None
