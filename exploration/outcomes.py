"""A stored finetuning's end, cancel and job, for the oracle."""

from typing import Any

from exploration.memory_collection import Document
from graphql_api.documents import TERMINAL, FinetuningEventKind, Wanted


def has_ended(document: Document) -> bool:
    """Whether it has ended."""
    return document.get("status") in TERMINAL


def is_stopped(document: Document) -> bool:
    """Whether it is to be stopped."""
    return bool(document.get("wanted", Wanted.TRAIN) != Wanted.TRAIN)


def progress_of(document: Document) -> int:
    """Return how far the job was when it was last seen."""
    return document["trained_tokens"] or 0


def phase_of(document: Document) -> str | None:
    """Return how far its cancel has come; ``None`` without one."""
    asked = document.get("cancellation")
    return asked and str(asked["phase"])


def outcome_of(document: Document) -> tuple[Any, ...]:
    """Return how it ended, in every part that may never change."""
    return document["status"], phase_of(document), document["error"], document["finished_at"]


def request_of(document: Document) -> tuple[Any, ...]:
    """Return the request and its author."""
    asked = document["cancellation"] or {}
    return asked.get("requested_at"), asked.get("requested_by"), asked.get("metadata")


def is_given_up(document: Document) -> bool:
    """Whether a person gave it up: then a job may live on, and end in any way."""
    return any(entry["kind"] == FinetuningEventKind.GIVEN_UP for entry in document["timeline"])
