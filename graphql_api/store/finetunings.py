"""The only way to MongoDB for whoever changes a finetuning: atomic operations, each guarded by its filter.

With its parts ``requests``, ``processing`` and ``endings``, and ``intent`` beside them, the whole safety
argument can be read here. Every operation is one findAndModify. Whoever advances a finetuning holds its
lease, and every write of a holder names the lease's token, so a holder that lost its lease writes nothing.
A write that ends the holder's turn also names what the holder believed to be wanted, so a cancel that
arrived meanwhile makes it fail instead of being slept over. A write that sets a status asks that nothing has
ended it, so an ended finetuning never changes. All times are MongoDB's.
"""

from bson import ObjectId

from graphql_api.documents import (
    Dataset,
    Finetuning,
    FinetuningEventKind,
    FinetuningStatus,
    Wanted,
)
from graphql_api.providers.port import ProviderFault, ProviderJob
from graphql_api.store.assignments import (
    WELL,
    attempt,
    fault_entry,
    faulted,
    learnt,
    log_due,
    undecided,
    under_way,
)
from graphql_api.store.endings import Endings
from graphql_api.store.expressions import IS_LIVE, NOT_ENDED, event, including, literal
from graphql_api.store.leases import held_by
from graphql_api.store.processing import Processing
from graphql_api.store.read_back import differing
from graphql_api.store.requests import Requests


class FinetuningStore(Requests, Processing, Endings):
    """The atomic operations on finetunings. ``None`` for an answer means: the filter matched nothing."""

    async def read(self, finetuning_id: ObjectId) -> Finetuning | None:
        """Return the finetuning as it is now."""
        return await self._leased.find({"_id": finetuning_id})

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
            where={**NOT_ENDED, "submission": None},
            kind=FinetuningEventKind.DATASET_PREPARED,
            message=f"{dataset.record_count} golden records, {dataset.size_bytes} bytes",
        )

    async def attach_file(
        self, held: Finetuning, file_id: str, *, processed: bool | None = True
    ) -> Finetuning | None:
        """Record the uploaded file: as the training file or, once the finetuning has ended, a leftover.

        No job is made of one that is not ``processed`` until that wait is over; ``None``: nobody knows.
        """
        wait = {"since": self._leased.now(), "processed": processed}
        return await self._leased.keep(
            held,
            {
                "finetuning_file_id": {"$cond": [IS_LIVE, literal(file_id), None]},
                "leftover_file": {"$cond": [IS_LIVE, None, {"file_id": literal(file_id)}]},
                "file_wait": {"$cond": [IS_LIVE, wait, "$file_wait"]},
                **WELL,
            },
            kind=FinetuningEventKind.FILE_UPLOADED,
            message=file_id,
        )

    async def mark_submitting(self, held: Finetuning) -> Finetuning | None:
        """Record that a create call may reach the provider from now on, unless a cancel came first.

        The training file that it names is recorded in the same write, for good.
        """
        return await self._leased.keep(
            held,
            {
                "submission": {"marked_at": self._leased.now()},
                "training_files": including("training_files", "$finetuning_file_id"),
            },
            where={
                "wanted": Wanted.TRAIN.value,
                **NOT_ENDED,
                "submission": None,
                "finetuning_job_id": None,
                "finetuning_file_id": {"$ne": None},
                "file_wait.processed": {"$ne": False},
            },
            kind=FinetuningEventKind.SUBMITTING,
        )

    async def withdraw_submission(
        self, held: Finetuning, *, reason: str, unanswered: bool = False
    ) -> Finetuning | None:
        """Take the mark back: the create call made no job or, if ``unanswered``, is given up."""
        return await self._leased.keep(
            held,
            {
                "submission": None,
                "unanswered_create": held.unanswered_create or unanswered,
                "refused_since": None,
            },
            where={"finetuning_job_id": None},
            kind=FinetuningEventKind.NOT_SUBMITTED,
            message=reason,
        )

    async def attach_job(self, held: Finetuning, job: ProviderJob) -> Finetuning | None:
        """Record the job that the provider made for this finetuning."""
        return await self._leased.keep(
            held,
            {"finetuning_job_id": literal(job.id), **WELL, **log_due(self._leased.now())},
            where={"finetuning_job_id": None, **NOT_ENDED},
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
        refusal: ProviderFault | None = None,
        asked: bool = True,
    ) -> Finetuning | None:
        """Record a live job; ``status`` is ``None`` when the provider's word has no match here.

        Where it was to be stopped, ``error`` says why it lives on, or ``refusal``, which is a fault; and
        ``asked`` whether the provider was asked for that in this turn.
        """
        now = self._leased.now()
        new_status = status or held.status
        fields = {
            **learnt(held, job, now),
            "status": new_status.value,
            "provider_status": literal(None if status else job.word),
            "estimated_finish_at": job.estimated_finish_at,
            **(faulted(refusal.message, now, request_id=refusal.request_id) if refusal else WELL),
            **attempt(held, error=refusal.message if refusal else error, asked=asked),
            **under_way(held, job, now, asked=asked),
        }
        changed = event(now, FinetuningEventKind.STATUS_CHANGED, status=new_status)
        entries = [*differing(held, job, now), ({"$ne": ["$status", new_status.value]}, changed)]
        if refusal:
            entries.append(fault_entry(refusal.message, now, request_id=refusal.request_id))
        return await self._leased.let_go(
            held,
            fields,
            due_in_s=due_in_s,
            where=NOT_ENDED,
            entries=entries,
        )

    async def record_wait(
        self, held: Finetuning, *, due_in_s: float, reason: str | None = None
    ) -> Finetuning | None:
        """Let go until it is time to look again; ``reason`` is what a look that went well left open."""
        answered = undecided(reason, self._leased.now()) | attempt(held, error=reason) if reason else {}
        return await self._leased.let_go(held, {"refused_since": None, **answered}, due_in_s=due_in_s)

    async def record_fault(
        self,
        held: Finetuning,
        message: str,
        *,
        due_in_s: float,
        missing: bool = False,
        refused: bool = False,
        request_id: str | None = None,
        job: ProviderJob | None = None,
        asked: bool = True,
    ) -> Finetuning | None:
        """Record a provider call that failed.

        ``missing``: the provider does not know the job. ``refused``: it does not carry out such a call. Any
        other fault ends either: what lasts is only what nothing else came between. ``job`` is what was read
        back before the fault, ``asked`` whether it was asked to stop in this turn.
        """
        now = self._leased.now()
        fields = {
            **faulted(message, now, request_id=request_id),
            "missing_since": {"$ifNull": ["$missing_since", now]} if missing else None,
            "refused_since": {"$ifNull": ["$refused_since", now]} if refused else None,
        }
        return await self._leased.let_go(
            held,
            {
                **fields,
                **attempt(held, error=message, asked=asked),
                **(under_way(held, job, now, asked=asked) if job else {}),
            },
            due_in_s=due_in_s,
            entries=[fault_entry(message, now, request_id=request_id)],
        )

    async def release(self, held: Finetuning) -> None:
        """Give the lease back, for anyone to take over at once."""
        await self._leased.update(held_by(held), {"$set": {"lease": None, "due_at": self._leased.now()}})
