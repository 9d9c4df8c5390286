"""The relevant part of a state.

Two states of a run with the same views have the same futures.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beanie import Document

from exploration.provider import START
from graphql_api.documents import Finetuning
from graphql_api.providers.port import ProviderJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A call's answer and when it came."""

    call: str
    made_at: float
    at: float
    facts: Hashable
    finetuning: Finetuning | None

    def key(self, now: float, token: str | None) -> Hashable:
        """Return its relevant part, with its times counted from ``now``."""
        known = None if self.finetuning is None else facts_of(self.finetuning)
        return self.call, self.made_at - now, self.at - now, self.facts, known and known.key(now, token)


@dataclass(frozen=True, slots=True)
class Facts:
    """A finetuning without its history, its times in seconds since the start."""

    plain: Hashable
    times: tuple[float | None, ...]
    token: str | None

    def key(self, now: float, token: str | None) -> Hashable:
        """Return the facts with times counted from ``now``; of a lease, only whether it is ``token``'s."""
        times = tuple(None if time is None else round(time - now, 3) for time in self.times)
        return self.plain, times, self.token is not None and self.token == token


def seen_of(call: str, answer: object, made_at: float, at: float) -> Seen:
    """Return the content of an answer."""
    if isinstance(answer, Finetuning):
        return Seen(call=call, made_at=made_at, at=at, facts=None, finetuning=answer)
    return Seen(call=call, made_at=made_at, at=at, facts=_told(answer), finetuning=None)


def facts_of(finetuning: Finetuning) -> Facts:
    """Return everything a finetuning's future depends on."""
    asked, lease, marked = finetuning.cancellation, finetuning.lease, finetuning.submission
    plain = (
        finetuning.status.value,
        finetuning.wanted.value,
        finetuning.error,
        finetuning.finetuning_file_id,
        finetuning.finetuning_job_id,
        finetuning.provider_status,
        finetuning.file_wait and finetuning.file_wait.processed,
        finetuning.unanswered_create,
        finetuning.marks_kept,
        finetuning.leftover_file and (finetuning.leftover_file.file_id,),
        finetuning.faults,
        finetuning.dataset and finetuning.dataset.sha256,
        finetuning.trained_tokens,
        frozenset(finetuning.orphaned_jobs),
        asked and (asked.phase.value, asked.attempts, asked.last_error is None),
        finetuning.trained_parameters and tuple(finetuning.trained_parameters.model_dump().values()),
    )
    times = (
        _seconds(finetuning.due_at),
        _seconds(lease.expires_at if lease else None),
        _seconds(lease.taken_at if lease else None),
        _seconds(marked.marked_at if marked else None),
        _seconds(finetuning.missing_since),
        _seconds(finetuning.file_wait.since if finetuning.file_wait else None),
        _seconds(finetuning.hinted_at),
        _seconds(asked.under_way_since if asked else None),
        _seconds(finetuning.synced_at),
    )
    return Facts(plain, times, lease.token if lease else None)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - START).total_seconds()


def _told(answer: Any) -> Hashable:
    if isinstance(answer, ProviderJob):
        return answer.id, answer.word
    if isinstance(answer, Document):
        return str(answer.id)
    if isinstance(answer, list):
        return tuple(_told(one) for one in answer)
    if isinstance(answer, Exception):
        return type(answer).__name__
    return repr(answer)
