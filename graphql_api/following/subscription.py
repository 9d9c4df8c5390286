"""A subscriber of the feed: its interest, its waiting changes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple, Self

from graphql_api.documents import Finetuning, LineRange, ObjectId, ProviderEvent
from graphql_api.errors import SubscriberTooSlowError
from graphql_api.store.reads import provider_events

MOST_WAITING = 1_000
"""The largest number of finetunings with a change waiting for one subscriber."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """The conditions for a subscriber's finetunings; all of them have to hold."""

    tenant: str
    finetuning_id: ObjectId | None = None
    db_connection_id: ObjectId | None = None

    @property
    def topic(self) -> ObjectId | str:
        """The feed's key for this subscriber: the finetuning's id or else the tenant."""
        return self.finetuning_id or self.tenant

    def covers(self, finetuning: Finetuning) -> bool:
        """Whether the subscriber may see this finetuning and asked for it."""
        return (
            self.tenant == finetuning.tenant
            and self.finetuning_id in {None, finetuning.id}
            and self.db_connection_id in {None, finetuning.db_connection_id}
        )


class Moment(NamedTuple):
    """The version and time of a finetuning's last change; a larger one is newer.

    The version comes first, because MongoDB's clock may step back with a failover.
    """

    version: int
    updated_at: datetime

    @classmethod
    def of(cls, finetuning: Finetuning) -> Self:
        """Return the moment of its last change."""
        return cls(finetuning.version, finetuning.updated_at)


@dataclass(frozen=True, slots=True)
class Change:
    """A finetuning after a change, shared by all subscribers together with its provider's log."""

    finetuning: Finetuning
    _loads: dict[LineRange, asyncio.Task[list[ProviderEvent]]] = field(default_factory=dict)

    @property
    def is_deletion(self) -> bool:
        """Whether the finetuning is gone for clients."""
        deletion = self.finetuning.deletion
        return deletion is not None and deletion.deleted_at is not None

    async def lines(self, wanted: LineRange) -> list[ProviderEvent]:
        """Return lines of the provider's log; all requests for the same lines share one read."""
        if wanted not in self._loads:
            self._loads[wanted] = asyncio.create_task(_lines(wanted))
            self._loads[wanted].add_done_callback(partial(self._forget_failure, wanted))
        return await asyncio.shield(self._loads[wanted])

    def _forget_failure(self, wanted: LineRange, load: asyncio.Task[list[ProviderEvent]]) -> None:
        """Forget a failed read, so that the next request tries again; its waiters have the error."""
        if load.cancelled() or load.exception() is not None:
            del self._loads[wanted]


async def _lines(wanted: LineRange) -> list[ProviderEvent]:
    [lines] = await provider_events([wanted])
    return lines


class Subscription:
    """One subscriber's waiting changes: the latest of each finetuning, in order of the first.

    The changes in between are dropped without loss: a finetuning carries its own history. Iterating ends with
    the close of the feed, and raises ``SubscriberTooSlowError`` if too many finetunings wait.
    """

    def __init__(self, interest: Interest, *, most_waiting: int = MOST_WAITING) -> None:
        self.interest = interest
        self._most_waiting = most_waiting
        self._waiting: dict[ObjectId, Change] = {}
        self._news = asyncio.Event()
        self._is_over = False
        self._is_too_slow = False

    def offer(self, change: Change) -> None:
        """Queue the change, if it is of interest; this never blocks."""
        finetuning = change.finetuning
        if self._is_over or not self.interest.covers(finetuning):
            return
        if change.is_deletion and self.interest.finetuning_id is None:
            self._waiting.pop(finetuning.id, None)
            return
        self._waiting[finetuning.id] = change
        if len(self._waiting) > self._most_waiting:
            self._is_too_slow = True
            self.end()
        self._news.set()

    def end(self) -> None:
        """End the subscription: drop its changes and wake its subscriber."""
        self._is_over = True
        self._waiting.clear()
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[Change]:
        while True:
            while self._waiting:
                yield self._waiting.pop(next(iter(self._waiting)))
            if self._is_too_slow:
                raise SubscriberTooSlowError
            if self._is_over:
                return
            self._news.clear()
            await self._news.wait()
