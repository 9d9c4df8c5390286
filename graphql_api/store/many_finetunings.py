"""The atomic operations of upkeep: hints, claims, orphans, overdue cancels."""

from collections.abc import Iterable, Sequence

from beanie import PydanticObjectId
from bson import ObjectId

from graphql_api.documents import (
    AccountKey,
    CancellationPhase,
    Finetuning,
    FinetuningEventKind,
    Wanted,
)
from graphql_api.store.expressions import (
    LIVE_VALUES,
    NOT_DELETED,
    NOT_ENDED,
    Expression,
    Fields,
    appended,
    change,
    event,
    later,
    literal,
    one_of,
    touched,
)
from graphql_api.store.intent import ASKS, CancelRequest, cancel_stage
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.tenancy import TenantScope

REQUESTED: Fields = {"cancellation.phase": CancellationPhase.REQUESTED.value}
"""The filter of cancels without an outcome yet."""

TRAINS: Fields = {"wanted": Wanted.TRAIN.value, **NOT_ENDED}
"""The filter of finetunings with jobs to be continued."""


FILES_AT_ONCE = 1000
"""How many files one query looks up."""


def of_account(account: AccountKey) -> Fields:
    """Return the filter of an account's finetunings: two accounts may know the same id of a job or file."""
    return {"base_llm.model_provider": account.provider, "provider_account_id": account.id}


class UpkeepStore:
    """The operations of upkeep, beside those of ``FinetuningStore`` and under the same leases."""

    def __init__(self, leased: LeasedFinetunings) -> None:
        self._leased = leased

    async def claim_job(self, job_id: str, *, token: str, where: Fields | None = None) -> Finetuning | None:
        """Take the lease of this job's finetuning, due or not, if nobody holds it."""
        of_job = {"finetuning_job_id": one_of([job_id])}
        return await self._leased.take({**of_job, **(where or {}), **TRAINS}, token=token)

    async def live_job_ids(self, *, account: AccountKey, most: int) -> dict[str, Fields]:
        """Return the job ids of the account's ``most`` longest due finetunings in training, in this order.

        Each comes with some fields as they are now: its last hint, its last look, its file, its creation. As
        a filter they match until a newer hint or look.
        """
        mine = of_account(account)
        has_job = {"finetuning_job_id": {"$type": "string"}, "due_at": {"$type": "date"}}
        where = {**has_job, **mine, **TRAINS}
        fields = ["finetuning_job_id", "finetuning_file_id", "hinted_at", "synced_at", "created_at"]
        found = await self._leased.longest_due(where, most=most, fields=fields)
        return {seen.pop("finetuning_job_id"): seen | mine for seen in found}

    async def request_cancels(
        self, finetuning_ids: Sequence[PydanticObjectId], *, scope: TenantScope, request: CancelRequest
    ) -> None:
        """Record cancels of all these finetunings; those still open are due at once."""
        leased, now = self._leased, self._leased.now()
        sooner = change(ASKS, "due_at", {"$min": ["$due_at", now]})
        stage = cancel_stage(request, now=now)
        where = {"_id": {"$in": list(finetuning_ids)}, **scope.where, **NOT_DELETED}
        await leased.update_all(where, {"$set": sooner}, {"$set": stage})

    async def wake(self, account_id: ObjectId) -> None:
        """Make the account's live finetunings due at once: it can be used again."""
        now = self._leased.now()
        sooner = {"hinted_at": now, "due_at": {"$min": ["$due_at", now]}}
        await self._leased.update_all({"provider_account_id": account_id, **NOT_ENDED}, {"$set": sooner})

    async def hint_job(self, job_id: str, *, account: AccountKey) -> Finetuning | None:
        """Make the finetuning of this job of the account due at once."""
        return await self.hint({"finetuning_job_id": one_of([job_id]), **of_account(account)})

    async def hint(self, where: Fields) -> Finetuning | None:
        """Make a live finetuning due at once, even after its present holder's turn."""
        now = self._leased.now()
        sooner = {"hinted_at": now, "due_at": {"$min": ["$due_at", now]}}
        return await self._leased.update({**where, **NOT_ENDED}, {"$set": sooner})

    async def owners_of(self, file_ids: Sequence[str], *, account: AccountKey) -> dict[str, PydanticObjectId]:
        """Return the ids of the account's finetunings with these training files, by file id.

        Deleted finetunings count, too.
        """
        owners: dict[str, PydanticObjectId] = {}
        for start in range(0, len(file_ids), FILES_AT_ONCE):
            where = {"training_files": one_of(file_ids[start : start + FILES_AT_ONCE]), **of_account(account)}
            for found in await self._leased.find_all(where, fields=["_id", "training_files"]):
                owners |= dict.fromkeys(found["training_files"], found["_id"])
        return owners

    def noted(self, finetunings: Iterable[Finetuning]) -> None:
        """Note these finetunings after a write to many, which returns none of them."""
        for finetuning in finetunings:
            self._leased.noted(finetuning, is_change=True)

    async def record_marks_lost(self, finetuning_id: ObjectId, message: str) -> Finetuning | None:
        """Record for good a job without its marks; ``None`` if already known."""
        now = self._leased.now()
        lost = event(now, FinetuningEventKind.MARKS_LOST, message=message)
        return await self._leased.update(
            {"_id": finetuning_id, "marks_kept": {"$ne": False}},
            {"$set": {"marks_kept": False, **touched(now), **appended((True, lost))}},
        )

    async def record_orphan(self, finetuning_id: ObjectId, job_id: str, message: str) -> Finetuning | None:
        """Record for good the stopping of this orphaned job; ``None`` if the finetuning may need it."""
        now = self._leased.now()
        is_news = {"$not": {"$in": [literal(job_id), "$orphaned_jobs"]}}
        noted = {"$concatArrays": ["$orphaned_jobs", [literal(job_id)]]}
        stopped = event(now, FinetuningEventKind.ORPHAN_STOPPED, message=message)
        ended = {"status": {"$nin": LIVE_VALUES}}
        has_another = {"finetuning_job_id": {"$nin": [None, job_id]}}
        makes_none = {"finetuning_job_id": None, "submission": None}
        written = {**change(is_news, "orphaned_jobs", noted), **appended((is_news, stopped))}
        return await self._leased.update(
            {"_id": finetuning_id, "$or": [ended, has_another, makes_none]},
            {"$set": {**touched(now), **written}},
        )

    async def mark_overdue(self, *, older_than_s: float) -> Finetuning | None:
        """Record one overdue cancel, each once; ``None`` if there is no other."""
        now = self._leased.now()
        return await self._leased.update(
            {**REQUESTED, "overdue_at": None, **_asked_before(now, older_than_s)},
            {
                "$set": {
                    "overdue_at": now,
                    **touched(now),
                    **appended((True, event(now, FinetuningEventKind.CANCEL_OVERDUE))),
                }
            },
        )

    async def count_overdue(self, *, older_than_s: float) -> int:
        """Return the number of cancels requested longer ago than that and still unconfirmed."""
        asked_before = _asked_before(self._leased.now(), older_than_s)
        return await self._leased.count({**REQUESTED, **asked_before})


def _asked_before(now: Expression, seconds: float) -> Fields:
    return {"$expr": {"$lte": ["$cancellation.requested_at", later(now, -seconds)]}}
