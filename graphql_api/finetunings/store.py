"""The only way to MongoDB for whoever changes a finetuning: atomic operations, each guarded by its filter.

With ``intent`` beside it, the whole safety argument can be read here. Every operation is one
findAndModify. Whoever advances a finetuning holds its lease, and every write of a holder names the
lease's token, so a holder that lost its lease writes nothing. A write that ends the holder's turn also
names what the holder believed to be wanted, so a cancel that arrived meanwhile makes it fail instead of
being slept over. A write that sets a status names the statuses it may follow, so an ended finetuning
never changes. All times are MongoDB's.
"""

from collections.abc import Mapping

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from graphql_api.documents import (
    CancellationPhase,
    Dataset,
    Finetuning,
    FinetuningEventKind,
    FinetuningStatus,
    Wanted,
    sources_of,
)
from graphql_api.finetunings.expressions import (
    IS_LIVE,
    LIVE_VALUES,
    Fields,
    appended,
    event,
    incremented,
    literal,
    touched,
)
from graphql_api.finetunings.intent import CancelRequest, cancel_stage, delete_stage
from graphql_api.finetunings.leases import LeasedFinetunings, held_by
from graphql_api.finetunings.outcome import attempt, ended, learnt, log_due
from graphql_api.providers.port import ProviderJob

NOT_DELETED: Fields = {"deletion.deleted_at": None}
"""The filter of what clients can see."""


class FinetuningStore:
    """The atomic operations on finetunings. ``None`` for an answer means: the filter matched nothing."""

    def __init__(self, leased: LeasedFinetunings) -> None:
        self._leased = leased

    async def insert(self, finetuning: Finetuning) -> Finetuning | None:
        """Store a new finetuning, due at once; ``None`` if its idempotency key was used before."""
        now = self._leased.now()
        given = literal(finetuning.model_dump(by_alias=True, exclude={"revision_id"}))
        created = event(now, FinetuningEventKind.CREATED, status=finetuning.status)
        at_once = {"created_at": now, "updated_at": now, "due_at": now, "timeline": [created]}
        try:
            return await self._leased.update(
                {"_id": finetuning.id}, {"$replaceWith": {"$mergeObjects": [given, at_once]}}, upsert=True
            )
        except DuplicateKeyError:
            return None

    async def created_with(self, key: str, *, tenant: str) -> Finetuning | None:
        """Return the tenant's finetuning that was created with this idempotency key."""
        return await self._leased.find({"tenant": tenant, "idempotency.key": key})

    async def read(self, finetuning_id: ObjectId) -> Finetuning | None:
        """Return the finetuning as it is now."""
        return await self._leased.find({"_id": finetuning_id})

    async def request_cancel(
        self, finetuning_id: ObjectId, *, tenant: str, request: CancelRequest, token: str
    ) -> Finetuning | None:
        """Record that a cancel is wanted, close at once what is only ours, else take the lease if free."""
        stage = cancel_stage(
            request,
            now=self._leased.now(),
            lease=self._leased.lease(token),
            lease_is_free=self._leased.is_free(),
        )
        where = {"_id": finetuning_id, "tenant": tenant, **NOT_DELETED}
        return await self._leased.update(where, {"$set": stage})

    async def request_delete(
        self, finetuning_id: ObjectId, *, tenant: str, requested_by: str | None, token: str
    ) -> Finetuning | None:
        """Record that a deletion is wanted and, in the same write, all that a cancel would record."""
        now, lease, free = self._leased.now(), self._leased.lease(token), self._leased.is_free()
        request = CancelRequest(metadata=None, requested_by=requested_by)
        return await self._leased.update(
            {"_id": finetuning_id, "tenant": tenant},
            {"$set": cancel_stage(request, now=now, lease=lease, lease_is_free=free)},
            {"$set": delete_stage(requested_by, now=now, lease=lease, lease_is_free=free)},
        )

    async def update(
        self, finetuning_id: ObjectId, *, tenant: str, fields: Mapping[str, object], updated_by: str | None
    ) -> Finetuning | None:
        """Set what its user may set, whatever state the finetuning is in."""
        now = self._leased.now()
        told = ", ".join(fields)
        updated = event(now, FinetuningEventKind.UPDATED, actor=updated_by, message=told)
        return await self._leased.update(
            {"_id": finetuning_id, "tenant": tenant, **NOT_DELETED},
            {
                "$set": {
                    **{name: literal(value) for name, value in fields.items()},
                    **touched(now),
                    **appended((True, updated)),
                }
            },
        )

    async def claim(self, finetuning_id: ObjectId, *, token: str) -> Finetuning | None:
        """Take the lease of this finetuning, if it is due and nobody holds it."""
        return await self._leased.claim({"_id": finetuning_id}, token=token)

    async def claim_due(self, *, token: str) -> Finetuning | None:
        """Take the lease of the finetuning that has been due for longest."""
        return await self._leased.claim({}, token=token)

    async def renew(self, held: Finetuning) -> Finetuning | None:
        """Go on holding the lease between two provider calls; ``None`` if it is somebody else's by now."""
        return await self._leased.renew(held)

    async def freeze_dataset(self, held: Finetuning, dataset: Dataset) -> Finetuning | None:
        """Record what is about to be uploaded: from here on a training file may exist."""
        return await self._leased.keep(
            held,
            {"dataset": literal(dataset.model_dump())},
            where={"status": {"$in": LIVE_VALUES}, "submission": None},
            kind=FinetuningEventKind.DATASET_PREPARED,
            message=f"{dataset.record_count} golden records, {dataset.size_bytes} bytes",
        )

    async def attach_file(self, held: Finetuning, file_id: str) -> Finetuning | None:
        """Record the uploaded file: as the training file or, once the finetuning has ended, a leftover."""
        return await self._leased.keep(
            held,
            {
                "finetuning_file_id": {"$cond": [IS_LIVE, literal(file_id), None]},
                "leftover_file": {"$cond": [IS_LIVE, None, {"file_id": literal(file_id)}]},
                "faults": 0,
            },
            kind=FinetuningEventKind.FILE_UPLOADED,
            message=file_id,
        )

    async def mark_submitting(self, held: Finetuning) -> Finetuning | None:
        """Record that a create call may reach the provider from now on, unless a cancel came first."""
        return await self._leased.keep(
            held,
            {"submission": {"marked_at": self._leased.now()}},
            where={
                "wanted": Wanted.TRAIN.value,
                "status": {"$in": LIVE_VALUES},
                "submission": None,
                "finetuning_job_id": None,
                "finetuning_file_id": {"$ne": None},
            },
            kind=FinetuningEventKind.SUBMITTING,
        )

    async def withdraw_submission(
        self, held: Finetuning, *, reason: str, unanswered: bool = False
    ) -> Finetuning | None:
        """Take the mark back: the create call made no job or, if ``unanswered``, is given up."""
        return await self._leased.keep(
            held,
            {"submission": None, "unanswered_create": held.unanswered_create or unanswered},
            where={"finetuning_job_id": None},
            kind=FinetuningEventKind.NOT_SUBMITTED,
            message=reason,
        )

    async def attach_job(self, held: Finetuning, job: ProviderJob) -> Finetuning | None:
        """Record the job that the provider made for this finetuning."""
        return await self._leased.keep(
            held,
            {"finetuning_job_id": literal(job.id), "faults": 0, **log_due(self._leased.now())},
            where={"finetuning_job_id": None, "status": {"$in": LIVE_VALUES}},
            kind=FinetuningEventKind.JOB_ATTACHED,
            message=job.id,
        )

    async def record_sync(
        self,
        held: Finetuning,
        job: ProviderJob,
        *,
        status: FinetuningStatus | None,
        due_in_s: float,
        error: str | None = None,
    ) -> Finetuning | None:
        """Record a live job; ``status`` is ``None`` when the provider's word has no match here."""
        now = self._leased.now()
        new_status = status or held.status
        fields = {
            **learnt(job, now),
            "status": new_status.value,
            "provider_status": literal(None if status else job.status),
            "estimated_finish_at": job.estimated_finish_at,
            "faults": 0,
            **attempt(held, error=error),
        }
        changed = event(now, FinetuningEventKind.STATUS_CHANGED, status=new_status)
        return await self._leased.let_go(
            held,
            fields,
            due_in_s=due_in_s,
            where={"status": {"$in": sources_of(new_status)}},
            entry=({"$ne": ["$status", new_status.value]}, changed),
        )

    async def record_wait(self, held: Finetuning, *, due_in_s: float) -> Finetuning | None:
        """Let go until it is time to look again; nothing was learnt."""
        return await self._leased.let_go(held, {}, due_in_s=due_in_s)

    async def record_fault(
        self, held: Finetuning, message: str, *, due_in_s: float, missing: bool = False
    ) -> Finetuning | None:
        """Record a provider call that failed; ``missing`` if the provider does not know the job."""
        now = self._leased.now()
        since = {"$ifNull": ["$missing_since", now]} if missing else None
        return await self._leased.let_go(
            held,
            {"faults": incremented("faults"), "missing_since": since, **attempt(held, error=message)},
            due_in_s=due_in_s,
            entry=({"$eq": ["$faults", 0]}, event(now, FinetuningEventKind.PROVIDER_FAULT, message=message)),
        )

    async def close(
        self,
        held: Finetuning,
        status: FinetuningStatus,
        *,
        error: str | None = None,
        job: ProviderJob | None = None,
        phase: CancellationPhase | None = None,
    ) -> Finetuning | None:
        """End the finetuning for good; ``phase`` says how its cancel ended, if one was wanted."""
        now = self._leased.now()
        left = held.dataset is not None and held.finetuning_job_id is None
        due_in_s = 0 if left or held.wanted is Wanted.DELETE else None
        fields = {
            "status": status.value,
            "error": literal(error),
            "provider_status": None,
            "faults": 0,
            "finished_at": (job and job.finished_at) or now,
            "estimated_finish_at": None,
            **({**learnt(job, now), **log_due(now)} if job else {}),
            **(ended(held, phase, job, now) if phase else {}),
            **(
                {"leftover_file": {"file_id": "$finetuning_file_id"}, "finetuning_file_id": None}
                if left
                else {}
            ),
        }
        return await self._leased.let_go(
            held,
            fields,
            due_in_s=due_in_s,
            where={"status": {"$in": sources_of(status)}},
            entry=(True, event(now, FinetuningEventKind.STATUS_CHANGED, status=status, message=error)),
        )

    async def forget_leftover(self, held: Finetuning) -> Finetuning | None:
        """Record that the file which nobody needs is gone from the provider."""
        removed = event(self._leased.now(), FinetuningEventKind.FILE_REMOVED)
        return await self._leased.let_go(held, {"leftover_file": None}, due_in_s=None, entry=(True, removed))

    async def bury(self, held: Finetuning) -> Finetuning | None:
        """Delete an ended finetuning for clients; ids and timeline stay, so that nothing resurrects."""
        now = self._leased.now()
        return await self._leased.let_go(
            held,
            {
                "deletion.deleted_at": now,
                "leftover_file": None,
                "finetuning_file_id": None,
                "metadata": None,
                "golden_records": None,
                "dataset": None,
                "idempotency": None,
                "log_work": None,
            },
            due_in_s=None,
            where={"wanted": Wanted.DELETE.value, "status": {"$nin": LIVE_VALUES}},
            entry=(True, event(now, FinetuningEventKind.DELETED)),
        )

    async def retire(self, held: Finetuning) -> Finetuning | None:
        """Let go of an ended finetuning for good."""
        return await self._leased.let_go(held, {}, due_in_s=None)

    async def release(self, held: Finetuning) -> None:
        """Give the lease back, for anyone to take over at once."""
        await self._leased.update(held_by(held), {"$set": {"lease": None, "due_at": self._leased.now()}})
