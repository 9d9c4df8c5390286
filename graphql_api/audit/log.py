"""The audit log: it stores an entry before the answer, and never stands in the way of a change.

Entries that come while a write is under way go together in the next one. A failed write is repeated; what it
could not store in the end is logged, counted, and lost. The change itself is done by then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import structlog

from graphql_api.audit.attempts import Attempt, StoredEntry, code_of
from graphql_api.audit.refusals import RefusedCredentials
from graphql_api.documents import AuditTarget
from graphql_api.metrics import Metrics
from graphql_api.store.audit_entries import AuditEntries
from graphql_api.store.database import StoreError

log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_WAITING = 10_000
"""The most entries in memory."""
UNREAD = frozenset({"RATE_LIMITED"})
"""The codes of attempts that nobody has looked at: a flood of them must not fill the database."""
MOST_SHOWN = 10
"""The most lost entries in one line of the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Limits in seconds: an answer waits ``answer_s`` for its entry, and the end of a server ``end_s``.

    A failed write is repeated every ``pause_s``, and given up after ``write_s``.
    """

    answer_s: float = 1.0
    pause_s: float = 0.5
    write_s: float = 30.0
    end_s: float = 5.0


DEFAULT_PATIENCE = Patience()


class _Batch:
    """Entries of one write."""

    def __init__(self) -> None:
        self.entries: list[StoredEntry] = []
        self.is_stored = asyncio.Event()


class AuditLog:
    """Stores what callers did."""

    def __init__(
        self,
        stored: AuditEntries,
        *,
        metrics: Metrics,
        patience: Patience = DEFAULT_PATIENCE,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._stored = stored
        self._metrics = metrics
        self._patience = patience
        self._most_waiting = most_waiting
        self.credentials = RefusedCredentials(self.note)
        self._next = _Batch()
        self._waiting = 0
        self._writing: asyncio.Task[None] | None = None

    async def around(
        self,
        attempt: Attempt,
        doing: Awaitable[T],
        *,
        made: Callable[[T], Iterable[AuditTarget]] = lambda _: (),
    ) -> T:
        """Return the attempt's result, with its entry stored; an error of it is raised again.

        ``made`` finds further documents in the result.
        """
        try:
            done = await doing
        except Exception as problem:
            if code_of(problem) not in UNREAD:
                await self.write(attempt.broken_off_by(problem))
            raise
        except BaseException as interruption:
            self.note(attempt.broken_off_by(interruption))
            raise
        await self.write(attempt.allowed(made(done)))
        return done

    async def write(self, entry: StoredEntry) -> None:
        """Store the entry; returns after its time at the latest, and raises nothing."""
        stored = self.note(entry)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.answer_s):
                await stored.wait()

    def note(self, entry: StoredEntry) -> asyncio.Event:
        """Store the entry soon; returns the event of its end, stored or lost."""
        batch = self._next
        if self._waiting >= self._most_waiting:
            self._lose([entry], why="too many are waiting for MongoDB")
            batch = _Batch()
            batch.is_stored.set()
            return batch.is_stored
        self._waiting += 1
        batch.entries.append(entry)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), context=Context())  # of no request
        return batch.is_stored

    async def close(self) -> None:
        """Wait for the last entries, for a while."""
        self.credentials.close()
        if self._writing is None:
            return
        _, late = await asyncio.wait({self._writing}, timeout=self._patience.end_s)
        if late:
            self._writing.cancel()
            await asyncio.wait(late)

    async def _write_all(self) -> None:
        while self._next.entries:
            batch, self._next = self._next, _Batch()
            try:
                await self._write_batch(batch.entries)
            finally:
                self._waiting -= len(batch.entries)
                batch.is_stored.set()

    async def _write_batch(self, entries: Sequence[StoredEntry]) -> None:
        try:
            refused = await self._append(entries)
        except asyncio.CancelledError:
            self._lose(entries, why="the server stopped")
            raise
        except StoreError as problem:
            self._lose(entries, why=type(problem).__name__)
        except Exception:  # the edge: an entry that cannot be encoded takes none of the others with it
            if len(entries) == 1:
                log.exception("an audit entry cannot be encoded")
                self._lose(entries, why="it cannot be encoded")
                return
            for one in entries:
                await self._write_batch([one])
        else:
            if refused:
                self._lose(refused, why="MongoDB refuses them")

    async def _append(self, entries: Sequence[StoredEntry]) -> list[StoredEntry]:
        """Return the entries that MongoDB refuses; raises ``StoreError`` after repeated failures."""
        began = monotonic()
        while True:
            try:
                return await self._stored.append(entries)
            except StoreError as problem:
                if monotonic() - began >= self._patience.write_s:
                    raise
                log.warning(
                    "audit entries wait for MongoDB", count=len(entries), error=type(problem).__name__
                )
            await asyncio.sleep(self._patience.pause_s)

    def _lose(self, entries: Sequence[StoredEntry], *, why: str) -> None:
        self._metrics.audit_entries_lost.inc(len(entries))
        shown = [str(entry) for entry in entries[:MOST_SHOWN]]
        log.error("audit entries are lost", count=len(entries), why=why, entries=shown)
