"""The endpoints' words for the status of jobs and files.

Endpoints with OpenAI's API spell them in many ways: ``canceled``, ``CANCELLED``, ``notRunning``. Only an
unmistakable word is an end. A word missing here is live, and so is a word for something half done: a
``cancelling`` job is not cancelled yet.
"""

from graphql_api.providers.port import FileStatus, JobStatus

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


def _plain(word: str) -> str:
    """Return the word's letters and digits in lower case, because spellings differ in nothing else."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())


_JOB_STATUSES = {_plain(word): status for status, words in _JOB_WORDS.items() for word in words.split()}
_FILE_STATUSES = {_plain(word): status for status, words in _FILE_WORDS.items() for word in words.split()}


def job_status(word: str) -> JobStatus:
    """Return the status behind the provider's word for a job."""
    return _JOB_STATUSES.get(_plain(word), JobStatus.OTHER)


def file_status(word: str) -> FileStatus:
    """Return the status behind the provider's word for a file, which may be empty."""
    return _FILE_STATUSES.get(_plain(word), FileStatus.UNCLEAR) if word else FileStatus.READY
