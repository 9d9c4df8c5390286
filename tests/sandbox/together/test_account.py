"""The account keeps its state, and refuses what Together AI refuses."""

import pytest

from graphql_api.sandbox.clock import ManualClock
from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.faults import Outcome
from graphql_api.sandbox.files import Upload
from graphql_api.sandbox.together import Account, Durations, JobStatus
from graphql_api.sandbox.together.jobs import Job
from graphql_api.sandbox.together.submission import Submission


def account_with_a_job(**durations: float) -> tuple[Account, Job]:
    """Return an account on a still clock, and its only job."""
    account = Account(clock=ManualClock(), durations=Durations(**durations))
    upload = Upload(filename="train.jsonl", purpose="fine-tune", content=b"{}\n")
    file = account.add_file(upload)
    return account, account.create_job(Submission(model="m/m", training_file=file.id, suffix="orders"))


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("asked_to_stop", [True, False])
def test_a_job_is_brought_to_any_end(outcome: Outcome, asked_to_stop: bool) -> None:
    """Also after a cancel is half-way; an ended job stays as it is."""
    account, job = account_with_a_job()
    if asked_to_stop:
        account.cancel_job(job.id)
    account.finish(None, outcome=outcome)
    ends = {
        Outcome.SUCCEEDED: JobStatus.COMPLETED,
        Outcome.FAILED: JobStatus.ERROR,
        Outcome.CANCELLED: JobStatus.CANCELLED,
    }
    assert account.job(job.id).status is ends[outcome]
    account.finish(job.id, outcome=Outcome.FAILED)
    assert account.job(job.id).status is ends[outcome]
    assert account.count_jobs() == 1


@pytest.mark.parametrize("end", Outcome)
def test_an_ended_job_refuses_a_cancel(end: Outcome) -> None:
    """With a 400, as published."""
    account, job = account_with_a_job()
    account.finish(job.id, outcome=end)
    with pytest.raises(ApiError, match="cannot be cancelled") as refusal:
        account.cancel_job(job.id)
    assert refusal.value.status == 400


def test_a_second_cancel_changes_nothing() -> None:
    """The first one goes on from its own time."""
    account, job = account_with_a_job(cancelling_s=10)
    assert isinstance(account.clock, ManualClock)
    account.cancel_job(job.id)
    account.clock.advance(6)
    assert account.cancel_job(job.id).status is JobStatus.CANCEL_REQUESTED
    account.clock.advance(4)
    assert account.job(job.id).status is JobStatus.CANCELLED


@pytest.mark.parametrize("ask", ["job", "cancel_job", "file", "delete_file"])
def test_what_is_missing_is_not_found(ask: str) -> None:
    """Jobs and files alike."""
    with pytest.raises(ApiError, match="not found") as refusal:
        getattr(Account(), ask)("x-nobody")
    assert refusal.value.status == 404


@pytest.mark.parametrize(
    ("purpose", "is_unusable", "told"),
    [
        ("eval", False, "not found"),
        ("fine-tune", True, "not validated"),
        ("fine-tune", False, "not validated"),
    ],
)
def test_a_job_needs_a_processed_training_file(purpose: str, is_unusable: bool, told: str) -> None:
    """Another purpose, an invalid file and one in processing are refused."""
    account = Account(clock=ManualClock(), durations=Durations(processing_s=0 if is_unusable else 5))
    upload = Upload(filename="t.jsonl", purpose=purpose, content=b"")
    file = account.add_file(upload, is_unusable=is_unusable)
    with pytest.raises(ApiError, match=told):
        account.create_job(Submission(model="m", training_file=file.id))
    assert account.jobs() == []


def test_a_job_lives_on_without_its_file() -> None:
    """A deleted file is gone alone."""
    account, job = account_with_a_job()
    account.delete_file(job.training_file)
    assert (account.files(), account.count_jobs()) == ([], 1)
