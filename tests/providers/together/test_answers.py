"""The reading of Together AI's answers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from graphql_api.providers.port import (
    FileStatus,
    JobEvent,
    JobParameters,
    JobStatus,
    OutcomeUnknownError,
    ProviderCheckpoint,
    ProviderJob,
)
from graphql_api.providers.together.answers import read_checkpoint, read_event, read_file, read_job
from tests.providers.together.wire import FINETUNING, SUFFIX, event, file, job

EIGHT = datetime(2024, 7, 23, 20, 0, tzinfo=UTC)


def test_a_whole_job_is_read() -> None:
    """Its times are ISO 8601, its marks are metadata, and nothing of an end is shown before it."""
    assert read_job(job(), deployment_id="d") == ProviderJob(
        id="ft-1",
        status=JobStatus.QUEUED,
        word="pending",
        model="meta-llama/Llama-3.1-8B",
        training_file_id="file-1",
        created_at=EIGHT.replace(microsecond=123456),
        parameters=JobParameters(n_epochs=3, batch_size=1, learning_rate_multiplier=1.8),
        metadata={"finetuning_id": FINETUNING, "finetuning_deployment": "d"},
    )


def test_a_completed_job_has_its_model_tokens_and_end() -> None:
    """The end is the last change."""
    done = read_job(job(status="completed", token_count=5768))
    assert (done.model_id, done.trained_tokens) == (f"someone/Llama-3.1-8B-{SUFFIX}-ab12cd34", 5768)
    assert done.finished_at == datetime(2024, 7, 23, 20, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize("status", ["running", "cancel_requested", "uploading"])
def test_a_live_job_has_no_end_and_no_model(status: str) -> None:
    """Though the model's name is known from the beginning, and each change has its time."""
    live = read_job(job(status=status))
    assert (live.model_id, live.finished_at, live.error) == (None, None, None)


REASONS: list[tuple[object, str | None]] = [
    (None, None),
    ([], None),
    ("log", None),
    ([None, 7, event()], None),
    ([event(level="error", message="No tokens"), event(message="Job stopped")], "No tokens"),
    ([event(type="job_error", message="bad line"), event(level="error", message="")], "bad line"),
    (
        [event(type="JOB_USER_ERROR", level="", message="first"), event(level="Error", message="second")],
        "second",
    ),
    ([event(type="billing_limit", message="no money\nleft")], "no money left"),
]


@pytest.mark.parametrize(("events", "reason"), REASONS)
def test_the_reason_of_a_failure_is_the_last_in_the_log(events: object, reason: str | None) -> None:
    """A job has no other place for it, and a job that did not fail has none."""
    assert read_job(job(status="error", events=events)).error == reason
    assert read_job(job(status="completed", events=events)).error is None


@pytest.mark.parametrize(
    "lie", [{}, job(""), job(status=None), job(status=7), job(object="file"), job("\ud800")]
)
def test_what_is_no_job_is_an_unknown_outcome(lie: dict[str, Any]) -> None:
    """Nothing is made of it."""
    with pytest.raises(OutcomeUnknownError, match=r"is not a fine-tuning job$"):
        read_job(lie)


def test_another_jobs_answer_is_an_unknown_outcome() -> None:
    """Another job's status says nothing about ours."""
    with pytest.raises(OutcomeUnknownError, match=r"about another fine-tuning job$"):
        read_job(job("ft-2"), expected_id="ft-1")


def test_a_file_says_whether_it_can_be_used() -> None:
    """An invalid one has the reason of its report."""
    report = {"valid": False, "error_type": "INVALID_FORMAT", "error": "Line 3 is no chat"}
    read = read_file(file(processing_status="INVALID_FORMAT", validation_report=report)).file
    assert (read.status, read.word, read.reason) == (
        FileStatus.UNUSABLE,
        "INVALID_FORMAT",
        "Line 3 is no chat",
    )
    assert read_file(file(processing_status=None)).file.status is FileStatus.READY


@pytest.mark.parametrize("lie", [{}, file(""), file(object="fine-tune-event")])
def test_what_is_no_file_is_an_unknown_outcome(lie: dict[str, Any]) -> None:
    """It may or may not have been uploaded."""
    with pytest.raises(OutcomeUnknownError):
        read_file(lie)


@pytest.mark.parametrize(
    ("given", "level"),
    [("info", "info"), ("Warning", "warning"), ("legacy_ierror", "error"), ("", "info"), (None, "info")],
)
def test_a_line_of_the_log(given: object, level: str) -> None:
    """Old lines have levels of their own, and no line has an id but its hash."""
    assert read_event(event(level=given)) == JobEvent(id="", at=EIGHT, level=level, message="Job started")
    assert read_event(event(hash="h1")).id == "h1"


def test_a_checkpoint_is_named_by_the_registry_or_its_step() -> None:
    """Both names can be trained on; without a step it is none."""
    given = {"step": 10, "created_at": "2024-07-23T20:00:00Z", "path": "s3://x", "checkpoint_type": "Final"}
    named = ProviderCheckpoint(id="ft-1:10", created_at=EIGHT, model_id="ft-1:10", step_number=10)
    assert read_checkpoint(given, job_id="ft-1") == named
    registered = read_checkpoint(given | {"object_id": "ml_1", "object_name": "me/m"}, job_id="ft-1")
    assert registered == ProviderCheckpoint(id="ml_1", created_at=EIGHT, model_id="me/m", step_number=10)
    assert read_checkpoint(given | {"step": "10"}, job_id="ft-1") is None
