"""The provider's stored logs, and the turns of their readers.

Reading a log never holds a finetuning's lease, so neither its status nor a cancel waits for it; a token of
its own fences the writes. Lines are stored before they are counted. If a crash leaves a line uncounted, the
next reader finds it there and counts it; no line is ever changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from beanie import PydanticObjectId
from pymongo import ASCENDING, UpdateOne
from pymongo.errors import BulkWriteError

from graphql_api.documents import (
    Checkpoint,
    Finetuning,
    FinetuningEventKind,
    LineIdentity,
    LogPlace,
    ProviderEvent,
    TrainingMetrics,
    identity_of,
)
from graphql_api.providers import port
from graphql_api.store.expressions import LIVE_VALUES, Fields, incremented, later, literal, touched
from graphql_api.store.leases import LeasedFinetunings

LOOKED_BACK = 200
"""How many of the last lines are compared with the provider's: two of its pages."""

MOST_LINES = 100_000
"""The number of stored lines of a log at which reading it ends."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The texts of the last stored lines, as digests, and the number of the next line."""

    texts: frozenset[int]
    next_number: int


class OvertakenError(Exception):
    """Another reader stores lines of the same log."""


class ProviderLog:
    """The atomic operations on the provider's stored logs, and the lines themselves."""

    def __init__(self, leased: LeasedFinetunings) -> None:
        self._leased = leased

    async def claim(self, *, token: str) -> Finetuning | None:
        """Take the longest due log, those of ended finetunings first."""
        ended = {"status": {"$nin": LIVE_VALUES}}
        return await self._claim(ended, token=token) or await self._claim({}, token=token)

    async def tail(self, finetuning: Finetuning) -> Tail:
        """Return the last stored lines of the log, counted or not."""
        counted = finetuning.provider_events
        last = ProviderEvent.find({"finetuning_id": finetuning.id, "number": {"$gte": counted - LOOKED_BACK}})
        lines = await last.to_list()
        following = max((line.number + 1 for line in lines), default=counted)
        return Tail(frozenset(line.identity.text for line in lines), following)

    async def known(self, finetuning: Finetuning, digests: Sequence[int], *, tail: Tail) -> frozenset[int]:
        """Return all digests of the stored lines with one of these digests.

        Raises ``OvertakenError`` if one of these lines was stored after the tail: a line taken for known
        would never be counted.
        """
        which = {"finetuning_id": finetuning.id, "digests": {"$in": [*digests]}}
        # The planner may take the other index while the log is short, and stay with it.
        found = ProviderEvent.get_pymongo_collection().find(which, ["digests", "number"], hint="digests")
        lines = await found.to_list()
        if any(line["number"] >= tail.next_number for line in lines):
            raise OvertakenError
        return frozenset(digest for line in lines for digest in line["digests"])

    async def recognise_older(self, finetuning: Finetuning) -> None:
        """Give lines stored by an earlier version their digests, so that they are recognised."""
        older = await ProviderEvent.find({"finetuning_id": finetuning.id, "digests": None}).to_list()
        changes = [
            UpdateOne({"_id": line.id}, {"$set": {"digests": line.identity.digests}}) for line in older
        ]
        if changes:
            await ProviderEvent.get_pymongo_collection().bulk_write(changes, ordered=False)

    async def append(self, finetuning: Finetuning, events: Sequence[port.JobEvent], *, start: int) -> None:
        """Store the lines, numbered from ``start`` on; raises ``OvertakenError`` if a number is taken.

        A line without a time gets the time of the line before it, or of the finetuning's last change.
        """
        lines, at = [], finetuning.updated_at
        for number, event in enumerate(events, start):
            at = event.at or at
            lines.append(_line(finetuning, event, number=number, at=at))
        try:
            if lines:
                await ProviderEvent.insert_many(lines)
        except BulkWriteError as taken:
            raise OvertakenError from taken

    async def record(
        self,
        claimed: Finetuning,
        *,
        lines: int,
        checkpoints: Sequence[port.ProviderCheckpoint] | None,
        due_in_s: float | None,
        place: LogPlace | None = None,
    ) -> Finetuning | None:
        """Count the stored lines, and let go until the log is due again.

        Without ``checkpoints`` the known ones stay; without a ``place`` the known one stays.
        """
        kept = claimed.checkpoints if checkpoints is None else [_checkpoint(one) for one in checkpoints]
        is_news = lines > claimed.provider_events or kept != claimed.checkpoints
        fields: Fields = {
            "provider_events": lines,
            "checkpoints": literal([one.model_dump() for one in kept]),
            "log_place": literal((place or claimed.log_place).model_dump()),
            **(touched(self._leased.now()) if is_news else {}),
        }
        return await self._let_go(claimed, {**fields, "log_work.faults": 0}, due_in_s=due_in_s)

    async def record_fault(self, claimed: Finetuning, *, due_in_s: float | None) -> Finetuning | None:
        """Count one more failure in a row, and let go until the log is due again."""
        return await self._let_go(
            claimed, {"log_work.faults": incremented("log_work.faults")}, due_in_s=due_in_s
        )

    async def _claim(self, where: Fields, *, token: str) -> Finetuning | None:
        now, until = self._leased.now(), self._leased.term_end()
        due = {"$expr": {"$lte": ["$log_work.due_at", now]}}
        return await self._leased.update(
            {**where, "log_work.due_at": {"$type": "date"}, **due},
            {"$set": {"log_work.due_at": until, "log_work.token": literal(token)}},
            sort=[("log_work.due_at", ASCENDING)],
        )

    async def _let_go(
        self, claimed: Finetuning, fields: Fields, *, due_in_s: float | None
    ) -> Finetuning | None:
        due_at = None if due_in_s is None else later(self._leased.now(), due_in_s)
        token = claimed.log_work and claimed.log_work.token
        return await self._leased.update(
            {"_id": claimed.id, "log_work.token": token},
            {"$set": {**fields, "log_work.due_at": due_at, "log_work.token": None}},
        )


def told_identity(event: port.JobEvent) -> LineIdentity:
    """Return the line's identity, from the provider's answer."""
    metrics = TrainingMetrics.of(event.metrics) if event.metrics else None
    return identity_of(event.id, event.at, event.level, event.message, metrics)


def _line(finetuning: Finetuning, event: port.JobEvent, *, number: int, at: datetime) -> ProviderEvent:
    kind = FinetuningEventKind.PROVIDER_METRICS if event.metrics else FinetuningEventKind.PROVIDER_MESSAGE
    return ProviderEvent(
        id=PydanticObjectId(),
        finetuning_id=finetuning.id,
        number=number,
        event_id=event.id,
        at=at,
        kind=kind,
        level=event.level,
        message=event.message,
        metrics=TrainingMetrics.of(event.metrics) if event.metrics else None,
        digests=told_identity(event).digests,
    )


def _checkpoint(told: port.ProviderCheckpoint) -> Checkpoint:
    return Checkpoint(
        id=told.id,
        created_at=told.created_at,
        model_id=told.model_id,
        step_number=told.step_number,
        metrics=TrainingMetrics.of(told.metrics),
    )
