"""Reads the provider's JSON and trusts none of it.

An unusable answer is an unknown outcome. The SDK's own models are not used for this: they accept ``{}``, a
list and another job's answer.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql_api.providers.openai.job_parameters import read_parameters
from graphql_api.providers.openai.status_words import file_status, job_status
from graphql_api.providers.openai.wording import legible, words_in
from graphql_api.providers.port import (
    JobEvent,
    MalformedAnswerError,
    ProviderCheckpoint,
    ProviderJob,
    TrainingFile,
)

# OpenAI's name, and the one used by Azure before it adopted OpenAI's.
_JOB_OBJECTS = ("fine_tuning.job", "fine-tune", None)
_EPOCH = datetime.fromtimestamp(0, UTC)
_YEAR_9999_S = 253_370_764_800
_LARGEST_INT64 = 2**63 - 1
_LARGEST_COUNT = 2**31 - 1
"""The largest count that can be shown: GraphQL's integers have 32 bits."""
_WORD_LENGTH = 512
_TEXT_LENGTH = 1000
_DATE_LENGTH = len("2026-01-31")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list; each item has an id. ``has_more`` is ``None`` if the provider does not say."""

    items: list[dict[str, Any]]
    has_more: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file as the provider lists it."""

    file: TrainingFile
    name: str
    purpose: str
    created_at: datetime


def read_object(body: bytes) -> dict[str, Any]:
    """Return ``body`` as a JSON object; raises ``MalformedAnswerError``."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedAnswerError("The provider's answer is not JSON") from None
    if not isinstance(answer, dict):
        raise MalformedAnswerError("The provider's answer is not a JSON object")
    return answer


def read_page(body: bytes) -> Page:
    """Return the page of a list; raises ``MalformedAnswerError`` if any item is not an object with an id."""
    items, has_more = read_list(body)
    if not all(isinstance(item, dict) and _id(item) for item in items):
        raise MalformedAnswerError("The provider's answer is not a list of objects with ids")
    return Page(items=items, has_more=has_more)


def read_list(body: bytes) -> tuple[list[Any], bool | None]:
    """Return the items of a list, of any type, and ``has_more``; raises ``MalformedAnswerError``.

    A null among the items is left out. Some servers send a null in place of an empty list.
    """
    answer = read_object(body)
    items, has_more = answer.get("data"), answer.get("has_more")
    if items is None and answer.get("object") == "list" and not answer.get("error"):
        items = []
    if not isinstance(items, list):
        raise MalformedAnswerError("The provider's answer is not a list")
    told = [item for item in items if item is not None]
    return told, has_more if isinstance(has_more, bool) else None


def read_job(answer: dict[str, Any], *, expected_id: str | None = None) -> ProviderJob:
    """Return the job; raises ``MalformedAnswerError`` for anything but a job of that id with a status."""
    job_id, word = _id(answer), _word(answer, "status")
    if not job_id or not word or answer.get("object") not in _JOB_OBJECTS:
        raise MalformedAnswerError("The provider's answer is not a fine-tuning job")
    if expected_id not in (None, job_id):
        raise MalformedAnswerError("The provider answered about another fine-tuning job")
    return ProviderJob(
        id=job_id,
        status=job_status(word),
        word=word,
        model=_word(answer, "model"),
        training_file_id=_word(answer, "training_file"),
        model_id=_word(answer, "fine_tuned_model") or None,
        error=_reason(answer.get("error")),
        trained_tokens=_count(answer.get("trained_tokens")),
        created_at=_moment(answer.get("created_at")) or _EPOCH,
        finished_at=_moment(answer.get("finished_at")),
        estimated_finish_at=_moment(answer.get("estimated_finish")),
        parameters=read_parameters(answer),
        metadata=read_metadata(answer),
    )


def made_at(answer: dict[str, Any]) -> datetime | None:
    """Return the time of a job's creation, if the answer has it."""
    return _moment(answer.get("created_at"))


def read_metadata(answer: dict[str, Any]) -> dict[str, str]:
    """Return the text values in the object's metadata, which may be empty."""
    metadata = answer.get("metadata")
    pairs = metadata.items() if isinstance(metadata, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}


def read_file(answer: dict[str, Any]) -> StoredFile:
    """Return the file; raises ``MalformedAnswerError`` for anything but a file."""
    file_id = _id(answer)
    if not file_id or answer.get("object") not in ("file", None):
        raise MalformedAnswerError("The provider's answer is not a file")
    word = _word(answer, "status")
    file = TrainingFile(
        id=file_id, status=file_status(word), word=word, reason=_reason(answer.get("status_details"))
    )
    return StoredFile(
        file=file,
        name=_word(answer, "filename"),
        purpose=_word(answer, "purpose"),
        created_at=_moment(answer.get("created_at")) or _EPOCH,
    )


def read_event(answer: dict[str, Any]) -> JobEvent:
    """Return the line of a job's log."""
    return JobEvent(
        id=_id(answer),
        at=_moment(answer.get("created_at")),
        level=_word(answer, "level") or "info",
        message=_text(answer.get("message")),
        metrics=_numbers(answer.get("data")) if answer.get("type") == "metrics" else None,
    )


def read_checkpoint(answer: dict[str, Any]) -> ProviderCheckpoint | None:
    """Return the checkpoint; ``None`` if it names no usable model."""
    model_id, step_number = _word(answer, "fine_tuned_model_checkpoint"), _count(answer.get("step_number"))
    if not model_id or step_number is None:
        return None
    return ProviderCheckpoint(
        id=_id(answer),
        created_at=_moment(answer.get("created_at")) or _EPOCH,
        model_id=model_id,
        step_number=step_number,
        metrics=_numbers(answer.get("metrics")),
    )


def is_deletion(body: bytes) -> bool:
    """Tell whether the answer to a deletion confirms it; Azure confirms with an empty body."""
    return not body.strip() or read_object(body).get("deleted") is True


def _id(answer: dict[str, Any]) -> str:
    return _word(answer, "id")


def _word(answer: dict[str, Any], key: str) -> str:
    """Return an id unchanged, or empty text: a shortened id would be another id."""
    value = answer.get(key)
    usable = isinstance(value, str) and value.isprintable() and len(value) <= _WORD_LENGTH
    return value if isinstance(value, str) and usable else ""


def _text(value: object) -> str:
    return legible(value, length=_TEXT_LENGTH) if isinstance(value, str) else ""


def _reason(error: object) -> str | None:
    """Return the reason of a failure; without a failure the provider sends ``{}`` or nulls."""
    return _text(words_in(error)) or None


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_COUNT
    return value if isinstance(value, int) and is_count else None


def _numbers(values: object) -> dict[str, float]:
    """Return the finite numbers of an object."""
    pairs = values.items() if isinstance(values, dict) else ()
    return {
        key: value
        for key, value in pairs
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST_INT64
    }


def _moment(value: object) -> datetime | None:
    """Return the moment of a Unix time in seconds or of an ISO 8601 time (in UTC by default)."""
    if isinstance(value, str):
        value = _iso_time(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _YEAR_9999_S:
        return None
    return datetime.fromtimestamp(value, UTC)


def _iso_time(text: str) -> float | None:
    """Return the Unix time of an ISO 8601 text; digits alone are not ISO 8601."""
    if "-" not in text[:_DATE_LENGTH]:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
