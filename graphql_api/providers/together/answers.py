"""Reads Together AI's jobs, files, events and checkpoints."""

from typing import Any

from graphql_api.providers.answers import (
    EPOCH,
    StoredFile,
    count_of,
    id_of,
    job_identity,
    moment_of,
    reason_of,
    text_of,
    word_at,
)
from graphql_api.providers.port import (
    JobEvent,
    JobStatus,
    MalformedAnswerError,
    ProviderCheckpoint,
    ProviderJob,
    TrainingFile,
)
from graphql_api.providers.together.hyperparameters import read_parameters
from graphql_api.providers.together.status_words import file_status, job_status
from graphql_api.providers.together.suffix import read_marks

_JOB_OBJECTS = ("fine-tune", None)
_TELLING_EVENTS = frozenset({"job_error", "job_user_error", "billing_limit"})
_LEVELS = {"legacy_info": "info", "legacy_iwarning": "warning", "legacy_ierror": "error"}


def read_job(
    answer: dict[str, Any], *, expected_id: str | None = None, deployment_id: str = ""
) -> ProviderJob:
    """Return the job; raises ``MalformedAnswerError`` for anything but a job of that id with a status."""
    job_id, word = job_identity(answer, objects=_JOB_OBJECTS, expected_id=expected_id)
    status = job_status(word)
    succeeded = status is JobStatus.SUCCEEDED
    return ProviderJob(
        id=job_id,
        status=status,
        word=word,
        model=word_at(answer, "model"),
        training_file_id=word_at(answer, "training_file"),
        model_id=(word_at(answer, "model_output_name") or None) if succeeded else None,
        error=_error(answer.get("events")) if status is JobStatus.FAILED else None,
        trained_tokens=count_of(answer.get("token_count")) or None,
        created_at=moment_of(answer.get("created_at")) or EPOCH,
        # There is no time of the end, and nothing changes after it.
        finished_at=moment_of(answer.get("updated_at")) if status.is_terminal else None,
        parameters=read_parameters(answer),
        metadata=read_marks(answer, deployment_id=deployment_id),
    )


def read_file(answer: dict[str, Any]) -> StoredFile:
    """Return the file; raises ``MalformedAnswerError`` for anything but a file."""
    file_id = id_of(answer)
    if not file_id or answer.get("object") not in ("file", None):
        raise MalformedAnswerError("The provider's answer is not a file")
    word, report = word_at(answer, "processing_status"), answer.get("validation_report")
    reason = reason_of(report.get("error")) if isinstance(report, dict) else None
    return StoredFile(
        file=TrainingFile(id=file_id, status=file_status(word), word=word, reason=reason),
        name=word_at(answer, "filename"),
        purpose=word_at(answer, "purpose"),
        created_at=moment_of(answer.get("created_at")) or EPOCH,
    )


def read_event(answer: dict[str, Any]) -> JobEvent:
    """Return the line of a job's log; it may have a hash and has no other id."""
    level = word_at(answer, "level").casefold()
    return JobEvent(
        id=word_at(answer, "hash"),
        at=moment_of(answer.get("created_at")),
        level=_LEVELS.get(level, level) or "info",
        message=text_of(answer.get("message")),
    )


def read_checkpoint(answer: dict[str, Any], *, job_id: str) -> ProviderCheckpoint | None:
    """Return the checkpoint; ``None`` if it has no step."""
    step_number = count_of(answer.get("step"))
    if step_number is None:
        return None
    resumed_from = f"{job_id}:{step_number}"
    return ProviderCheckpoint(
        id=word_at(answer, "object_id") or resumed_from,
        created_at=moment_of(answer.get("created_at")) or EPOCH,
        model_id=word_at(answer, "object_name") or resumed_from,
        step_number=step_number,
    )


def _error(events: object) -> str | None:
    """Return the last reason in a job's log: a failed job has no other."""
    lines = [line for line in events if isinstance(line, dict)] if isinstance(events, list) else []
    told = [reason_of(line.get("message")) for line in lines if _is_telling(line)]
    return next(filter(None, reversed(told)), None)


def _is_telling(line: dict[str, Any]) -> bool:
    is_error = read_event(line).level == "error"
    return is_error or word_at(line, "type").casefold() in _TELLING_EVENTS
