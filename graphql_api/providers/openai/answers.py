"""Reads OpenAI's jobs, files, events and checkpoints."""

from datetime import datetime
from typing import Any

from graphql_api.providers.answers import (
    EPOCH,
    StoredFile,
    count_of,
    id_of,
    job_identity,
    moment_of,
    numbers_of,
    reason_of,
    text_of,
    word_at,
)
from graphql_api.providers.openai.job_parameters import read_parameters
from graphql_api.providers.openai.status_words import file_status, job_status
from graphql_api.providers.port import (
    JobEvent,
    MalformedAnswerError,
    ProviderCheckpoint,
    ProviderJob,
    TrainingFile,
)

# OpenAI's name, and the one used by Azure before it adopted OpenAI's.
_JOB_OBJECTS = ("fine_tuning.job", "fine-tune", None)


def read_job(answer: dict[str, Any], *, expected_id: str | None = None) -> ProviderJob:
    """Return the job; raises ``MalformedAnswerError`` for anything but a job of that id with a status."""
    job_id, word = job_identity(answer, objects=_JOB_OBJECTS, expected_id=expected_id)
    return ProviderJob(
        id=job_id,
        status=job_status(word),
        word=word,
        model=word_at(answer, "model"),
        training_file_id=word_at(answer, "training_file"),
        model_id=word_at(answer, "fine_tuned_model") or None,
        error=reason_of(answer.get("error")),
        trained_tokens=count_of(answer.get("trained_tokens")),
        created_at=moment_of(answer.get("created_at")) or EPOCH,
        finished_at=moment_of(answer.get("finished_at")),
        estimated_finish_at=moment_of(answer.get("estimated_finish")),
        parameters=read_parameters(answer),
        metadata=read_metadata(answer),
    )


def made_at(answer: dict[str, Any]) -> datetime | None:
    """Return the time of a job's creation, if the answer has it."""
    return moment_of(answer.get("created_at"))


def read_metadata(answer: dict[str, Any]) -> dict[str, str]:
    """Return the text values in the object's metadata, which may be empty."""
    metadata = answer.get("metadata")
    pairs = metadata.items() if isinstance(metadata, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}


def read_file(answer: dict[str, Any]) -> StoredFile:
    """Return the file; raises ``MalformedAnswerError`` for anything but a file."""
    file_id = id_of(answer)
    if not file_id or answer.get("object") not in ("file", None):
        raise MalformedAnswerError("The provider's answer is not a file")
    word = word_at(answer, "status")
    file = TrainingFile(
        id=file_id, status=file_status(word), word=word, reason=reason_of(answer.get("status_details"))
    )
    return StoredFile(
        file=file,
        name=word_at(answer, "filename"),
        purpose=word_at(answer, "purpose"),
        created_at=moment_of(answer.get("created_at")) or EPOCH,
    )


def read_event(answer: dict[str, Any]) -> JobEvent:
    """Return the line of a job's log."""
    return JobEvent(
        id=id_of(answer),
        at=moment_of(answer.get("created_at")),
        level=word_at(answer, "level") or "info",
        message=text_of(answer.get("message")),
        metrics=numbers_of(answer.get("data")) if answer.get("type") == "metrics" else None,
    )


def step_of(answer: dict[str, Any]) -> int:
    """Return the step of a checkpoint; below zero without a usable one."""
    step_number = count_of(answer.get("step_number"))
    return -1 if step_number is None else step_number


def read_checkpoint(answer: dict[str, Any]) -> ProviderCheckpoint | None:
    """Return the checkpoint; ``None`` if it names no usable model."""
    model_id, step_number = word_at(answer, "fine_tuned_model_checkpoint"), step_of(answer)
    if not model_id or step_number < 0:
        return None
    return ProviderCheckpoint(
        id=id_of(answer),
        created_at=moment_of(answer.get("created_at")) or EPOCH,
        model_id=model_id,
        step_number=step_number,
        metrics=numbers_of(answer.get("metrics")),
    )
