"""Seeded design faults of single calls.

The calls create, upload, take hints, synchronise and sweep.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from exploration.faulty_parts import Around, replaced
from exploration.memory_collection import Document, MemoryCollection
from exploration.provider import START
from graphql_api.documents import AccountKey, Finetuning
from graphql_api.engine.engine import Account, Engine
from graphql_api.providers.port import (
    OutcomeUnknownError,
    ProviderHint,
    ProviderJob,
    RejectedError,
)
from graphql_api.store.expressions import IS_LIVE, Fields, change
from graphql_api.store.giving_up import IS_DOUBTFUL
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.upkeep.sweep import Verdict, sweep

HINTED = {"$gte": ["$hinted_at", "$lease.taken_at"]}


class NoUniqueKey(MemoryCollection):
    """The idempotency key has no unique index: a create is told from a repeated one by looking alone."""

    def _hold_unique(self, document: Document) -> None:
        """Hold nothing."""


class NoLookForAFile(Around):
    """An upload does not look for the file of an earlier try."""

    async def find_training_files(self, *, prefix: str) -> list[str]:
        """Find nothing by a whole name."""
        if prefix.endswith(".jsonl"):
            return []
        found: list[str] = await self._part.find_training_files(prefix=prefix)
        return found


class RemovalGivenUp(Around):
    """A training file stays behind if its first removal fails."""

    async def record_fault(self, held: Finetuning, message: str, **told: Any) -> Finetuning | None:
        """Let go of an ended finetuning for good."""
        if held.status.is_terminal:
            retired: Finetuning | None = await self._part.retire(held)
            return retired
        left: Finetuning | None = await self._part.record_fault(held, message, **told)
        return left


async def remember_before_due(hint: ProviderHint, *, account: AccountKey, engine: Engine) -> bool:
    """Remember the delivery before its finetuning is due."""
    if await engine.deliveries.has(hint.delivery_id):
        return False
    await engine.deliveries.remember(hint.delivery_id)
    await engine.upkeep.hint_job(str(hint.job_id), account=account)
    return True


class HintsSleptOver(LeasedFinetunings):
    """A turn ends without a look for new hints."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Take every finetuning for one without a hint."""
        unhinted = [replaced(stage, HINTED, by=False) for stage in stages]
        return await super().update(where, *unhinted, **options)


class ListBelieved(Around):
    """The list's view of a job is written over newer facts."""

    async def claim_job(self, job_id: str, *, token: str, where: Fields) -> Finetuning | None:
        """Claim without a look for changes."""
        claimed: Finetuning | None = await self._part.claim_job(job_id, token=token)
        return claimed


class JudgedWhenListed(Around):
    """An orphan is stopped without a second look at its owner."""

    async def record_orphan(self, finetuning_id: Any, job_id: str, message: str) -> bool:
        """Say yes to everything."""
        return True


class OrphansForgotten(LeasedFinetunings):
    """The jobs being stopped are overlooked."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Leave these jobs out of every answer."""
        found = await super().update(where, *stages, **options)
        return found and found.model_copy(update={"orphaned_jobs": []})


class RefusalBelieved(LeasedFinetunings):
    """The first refusal counts as if it had lasted."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Let every refusal have begun long ago."""
        found = await super().update(where, *stages, **options)
        return found and found.model_copy(update={"refused_since": START - timedelta(days=1)})


class OutageBelieved(Around):
    """An unanswered look-up is taken for a refused one."""

    async def find_jobs(self, **given: Any) -> list[ProviderJob]:
        """Call silence a refusal."""
        try:
            found: list[ProviderJob] = await self._part.find_jobs(**given)
        except OutcomeUnknownError as fault:
            raise RejectedError(fault.message, as_such=True) from fault
        return found


class RefusalIgnored(Around):
    """A refused look-up is taken for an unanswered one."""

    async def find_jobs(self, **given: Any) -> list[ProviderJob]:
        """Call a refusal silence."""
        try:
            found: list[ProviderJob] = await self._part.find_jobs(**given)
        except RejectedError as fault:
            raise OutcomeUnknownError(fault.message) from fault
        return found


class GivenUpForCertain(LeasedFinetunings):
    """A finetuning given up is called confirmed."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Leave no doubt."""
        return await super().update(
            where, *[replaced(stage, IS_DOUBTFUL, by=False) for stage in stages], **options
        )


class GivenUpUnfenced(LeasedFinetunings):
    """A finetuning given up stays with its holder."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Leave the lease."""
        kept = change(IS_LIVE, "lease", None)["lease"]
        return await super().update(where, *[replaced(one, kept, by="$lease") for one in stages], **options)


class UnmarkedReads(Around):
    """Every reader overlooks the mark of the create call."""

    async def read(self, finetuning_id: Any) -> Finetuning | None:
        """Leave the mark out."""
        found: Finetuning | None = await self._part.read(finetuning_id)
        return found and found.model_copy(update={"submission": None})


async def sweep_unmarked(engine: Engine, account: Account) -> Counter[Verdict]:
    """Sweep, taking a job for an orphan although a create call is marked."""
    store, upkeep = cast("Any", UnmarkedReads(engine.store)), cast("Any", JudgedWhenListed(engine.upkeep))
    return await sweep(replace(engine, store=store, upkeep=upkeep), account)
