"""Leases on finetunings, and their holders' guarded writes.

One atomic findAndModify takes a lease and gives it a token, unique to this claim. Every write of its holder
has the token in its filter, so a former holder writes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pymongo import ASCENDING, ReturnDocument, timeout
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from graphql_api.documents import Finetuning, FinetuningEventKind, Lease
from graphql_api.store.database import is_broken_off
from graphql_api.store.expressions import (
    Expression,
    Fields,
    appended,
    event,
    later,
    literal,
    mongodb_time,
    touched,
)


class Noted(Protocol):
    """Told of a finetuning after a write."""

    def __call__(self, finetuning: Finetuning, *, is_change: bool) -> None:
        """Note the finetuning."""
        ...


def _unnoted(finetuning: Finetuning, *, is_change: bool) -> None:
    """Note nothing."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A lease for a caller, and the condition that it is free; the write itself evaluates it."""

    lease: Fields
    is_free: Expression


class LeasedFinetunings:
    """The collection of finetunings and their leases; all times are ``now``'s.

    ``noted`` is told of each finetuning after a write, and whether that may have changed more than its lease.
    """

    def __init__(
        self,
        collection: AsyncCollection[dict[str, Any]],
        *,
        owner: str,
        lease_s: float,
        now: Callable[[], Expression] = mongodb_time,
        noted: Noted = _unnoted,
    ) -> None:
        self._collection = collection
        self._owner = owner
        self._lease_s = lease_s
        self.now = now
        self.noted = noted

    async def find(self, where: Fields) -> Finetuning | None:
        """Return the matching finetuning."""
        return _finetuning(await self._collection.find_one(where))

    async def claim(self, where: Fields, *, token: str) -> Finetuning | None:
        """Take the free lease of the longest due matching finetuning."""
        lease = self.lease(token)
        due = {"$expr": {"$and": [{"$lte": ["$due_at", self.now()]}, self.is_free()]}}
        return await self.update(
            {**where, "due_at": {"$type": "date"}, **due},
            {"$set": {"lease": lease, "due_at": lease["expires_at"]}},
            sort=[("due_at", ASCENDING)],
        )

    async def take(self, where: Fields, *, token: str) -> Finetuning | None:
        """Take the lease of the matching finetuning, due or not, if nobody holds it."""
        lease = self.lease(token)
        return await self.update(
            {**where, "$expr": self.is_free()}, {"$set": {"lease": lease, "due_at": lease["expires_at"]}}
        )

    async def renew(self, held: Finetuning) -> Finetuning | None:
        """Extend the lease by a full term from now."""
        return await self.update(held_by(held), {"$set": self._term()})

    async def find_all(self, where: Fields, *, fields: list[str]) -> list[Fields]:
        """Return these fields of all matching finetunings."""
        found = self._collection.find(where, fields)
        return [{name: document.get(name) for name in fields} async for document in found]

    async def longest_due(self, where: Fields, *, most: int, fields: list[str]) -> list[Fields]:
        """Return these fields of the ``most`` longest due matching finetunings."""
        found = self._collection.find(where, fields).sort("due_at", ASCENDING).limit(most)
        return [{name: document.get(name) for name in fields} async for document in found]

    async def count(self, where: Fields) -> int:
        """Return how many finetunings match."""
        return await self._collection.count_documents(where)

    async def keep(
        self,
        held: Finetuning,
        fields: Fields,
        *,
        where: Fields | None = None,
        kind: FinetuningEventKind,
        message: str | None = None,
    ) -> Finetuning | None:
        """Write as the lease's holder and extend the lease by a full term from now."""
        now = self.now()
        entry = event(now, kind, message=message)
        written = {**fields, **self._term(), **touched(now), **appended((True, entry))}
        return await self.update({**held_by(held), **(where or {})}, {"$set": written})

    async def let_go(
        self,
        held: Finetuning,
        fields: Fields,
        *,
        due_in_s: float | None,
        where: Fields | None = None,
        entries: Sequence[tuple[Expression, Expression]] = (),
    ) -> Finetuning | None:
        """Write as the lease's holder and end its turn; after a change of ``wanted`` nothing is written.

        A hint since the start of the turn makes it due at once: the hint may be about something newer.
        """
        now = self.now()
        hinted = {"$gte": ["$hinted_at", "$lease.taken_at"]}
        due_at = None if due_in_s is None else {"$cond": [hinted, now, later(now, due_in_s)]}
        ended = {"lease": None, "due_at": due_at, **touched(now)}
        return await self.update(
            {**held_by(held), "wanted": held.wanted.value, **(where or {})},
            {"$set": {**fields, **ended, **appended(*entries)}},
        )

    def lease(self, token: str) -> Fields:
        """Return a lease from now on; its start is after the last hint, even one in this millisecond."""
        now = self.now()
        return {
            "owner": literal(self._owner),
            "token": literal(token),
            "taken_at": {"$max": [now, later("$hinted_at", 0.001)]},
            "expires_at": self.term_end(),
        }

    def offer(self, token: str) -> Offer:
        """Return the lease under this token, for a write on the condition that it is free."""
        return Offer(self.lease(token), self.is_free())

    def term_end(self) -> Expression:
        """Return the end of a term from now on."""
        return later(self.now(), self._lease_s)

    def _term(self) -> Fields:
        """Return the assignments for a new term of the present holder."""
        return {"lease.expires_at": self.term_end(), "due_at": self.term_end()}

    def is_free(self) -> Expression:
        """Return whether the lease is free; without a lease, expires_at is missing and below every date."""
        return {"$lte": ["$lease.expires_at", self.now()]}

    async def update_all(self, where: Fields, *stages: Fields) -> None:
        """Run the pipeline on all matching finetunings; two runs must have the same effect as one.

        It is one command: MongoDB finishes it even if this process dies. It is not a transaction, because a
        dead process's transaction would block every other write to these finetunings for a minute or more.
        """
        with timeout(self._collection.database.client.options.timeout):
            while True:  # as the driver does, but only for writes of one document
                try:
                    await self._collection.update_many(where, list(stages))
                except PyMongoError as problem:
                    if not is_broken_off(problem):
                        raise
                else:
                    return

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Run the pipeline on the matching finetuning, and return the finetuning after it."""
        found = _finetuning(
            await self._collection.find_one_and_update(
                where, list(stages), return_document=ReturnDocument.AFTER, **options
            )
        )
        if found is not None:
            self.noted(found, is_change=any(map(_is_change, stages)))
        return found


def _is_change(stage: Fields) -> bool:
    """Return whether the stage makes a finetuning, or may change it for clients."""
    return "$replaceWith" in stage or "version" in stage.get("$set", ())


def _finetuning(document: Mapping[str, Any] | None) -> Finetuning | None:
    return None if document is None else Finetuning.model_validate(document)


def held_by(held: Finetuning) -> Fields:
    """Return the filter for writes of this very lease's holder."""
    return {"_id": held.id, "lease.token": _lease_of(held).token}


def taken_at(held: Finetuning) -> datetime:
    """Return the start of the holder's turn, by MongoDB's clock; its view of the provider is no older."""
    return _lease_of(held).taken_at


def _lease_of(held: Finetuning) -> Lease:
    if held.lease is None:
        raise ValueError(f"finetuning {held.id} is not held by anyone")
    return held.lease
