"""Reads a provider's JSON and trusts none of it.

An unusable answer is an unknown outcome. The SDKs' own models are not used for this: they accept ``{}``, a
list and another job's answer.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql_api.providers.port import MalformedAnswerError, TrainingFile
from graphql_api.providers.wording import legible, words_in

EPOCH = datetime.fromtimestamp(0, UTC)
"""The time of a job or file without a usable one."""

_YEAR_9999_S = 253_370_764_800
_LARGEST_INT64 = 2**63 - 1
_LARGEST_COUNT = 2**31 - 1
"""The largest count that can be shown: GraphQL's integers have 32 bits."""
_WORD_LENGTH = 512
_TEXT_LENGTH = 1000
_DATE_LENGTH = len("2026-01-31")
_MOST_PARTS = 100_000
"""The most objects and lists of an answer: two bytes become a hundred when they are read."""
_MOST_ITEMS = 10_000
"""The most items of a page: an endpoint may send its whole list at once."""


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
    # Brackets in texts count, too: to count is quick, and to read is not.
    if body.count(b"{") + body.count(b"[") > _MOST_PARTS:
        raise MalformedAnswerError("The provider's answer has too many parts")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedAnswerError("The provider's answer is not JSON") from None
    if not isinstance(answer, dict):
        raise MalformedAnswerError("The provider's answer is not a JSON object")
    return answer


def read_page(body: bytes) -> Page:
    """Return the page of a list; raises ``MalformedAnswerError`` if any item is not an object with an id.

    A page of too many items is refused as a whole: a job missing from half a page proves nothing.
    """
    items, has_more = read_list(body)
    if len(items) > _MOST_ITEMS:
        raise MalformedAnswerError("The provider's list is too long for one answer")
    if not all(isinstance(item, dict) and id_of(item) for item in items):
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


def is_deletion(body: bytes) -> bool:
    """Tell whether the answer to a deletion confirms it; Azure confirms with an empty body."""
    return not body.strip() or read_object(body).get("deleted") is True


def newest_named(files: Iterable[StoredFile], *, prefix: str) -> list[str]:
    """Return the ids of the training files with a name that starts with ``prefix``, newest first."""
    ours = [file for file in files if file.name.startswith(prefix) and file.purpose == "fine-tune"]
    return [one.file.id for one in sorted(ours, key=lambda one: one.created_at, reverse=True)]


def job_identity(
    answer: dict[str, Any], *, objects: Collection[object], expected_id: str | None
) -> tuple[str, str]:
    """Return the job's id and the word for its status.

    Raises ``MalformedAnswerError`` for anything but one of these ``objects`` with that id and a status.
    """
    job_id, word = id_of(answer), word_at(answer, "status")
    if not job_id or not word or answer.get("object") not in objects:
        raise MalformedAnswerError("The provider's answer is not a fine-tuning job")
    if expected_id not in (None, job_id):
        raise MalformedAnswerError("The provider answered about another fine-tuning job")
    return job_id, word


def id_of(answer: dict[str, Any]) -> str:
    """Return the object's id, or empty text."""
    return word_at(answer, "id")


def word_at(answer: dict[str, Any], key: str) -> str:
    """Return an id unchanged, or empty text: a shortened id would be another id."""
    value = answer.get(key)
    usable = isinstance(value, str) and value.isprintable() and len(value) <= _WORD_LENGTH
    return value if isinstance(value, str) and usable else ""


def text_of(value: object) -> str:
    """Return a text as one line of readable words; anything else is empty."""
    return legible(value, length=_TEXT_LENGTH) if isinstance(value, str) else ""


def reason_of(error: object) -> str | None:
    """Return the reason of a failure; without a failure the provider sends ``{}`` or nulls."""
    return text_of(words_in(error)) or None


def count_of(value: object) -> int | None:
    """Return a whole number that can be shown, or ``None``."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_COUNT
    return value if isinstance(value, int) and is_count else None


def numbers_of(values: object) -> dict[str, float]:
    """Return the finite numbers of an object."""
    pairs = values.items() if isinstance(values, dict) else ()
    return {
        key: value
        for key, value in pairs
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST_INT64
    }


def moment_of(value: object) -> datetime | None:
    """Return the moment of a Unix time in seconds or of an ISO 8601 time (in UTC by default)."""
    if isinstance(value, str):
        value = _iso_time(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _YEAR_9999_S:
        return None
    return datetime.fromtimestamp(value, UTC)


def _iso_time(given: str) -> float | None:
    """Return the Unix time of an ISO 8601 text; digits alone are not ISO 8601."""
    if "-" not in given[:_DATE_LENGTH]:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
