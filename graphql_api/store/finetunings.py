"""The atomic writes of finetunings, each guarded by its filter.

Every change of a finetuning is made here. With its parts ``requests``, ``processing`` and ``endings``, and
``intent`` beside them, this is the whole safety argument. Every operation is one findAndModify. Only the
holder of a finetuning's lease advances it, and every write of a holder names the lease's token, so a former
holder writes nothing. The last write of a turn also names the holder's view of ``wanted``, so after a new
cancel it matches nothing and the cancel is not overlooked. Every write of a status matches live finetunings
only, so an end is for good. All times are MongoDB's.
"""

from collections.abc import Sequence

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
    """The atomic operations on finetunings; each returns ``None`` if its filter matched nothing."""

    async def read(self, finetuning_id: ObjectId) -> Finetuning | None:
        """Return the finetuning as it is now."""
        return await self._leased.find({"_id": finetuning_id})

    async def claim(self, finetuning_id: ObjectId, *, token: str) -> Finetuning | None:
        """Take the lease of this finetuning, if it is due and nobody holds it."""
        return await self._leased.claim({"_id": finetuning_id}, token=token)

    async def claim_due(self, *, token: str, apart_from: Sequence[ObjectId] = ()) -> Finetuning | None:
        """Take the free lease of the longest due finetuning, ``apart_from`` those of these accounts."""
        where = {"provider_account_id": {"$nin": list(apart_from)}} if apart_from else {}
        return await self._leased.claim(where, token=token)

    async def renew(self, held: Finetuning) -> Finetuning | None:
        """Extend the lease between two provider calls; ``None`` if the holder has lost it."""
        return await self._leased.renew(held)

    async def freeze_dataset(self, held: Finetuning, dataset: Dataset) -> Finetuning | None:
        """Record the dataset before its upload: from now on a training file may exist."""
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
        """Record the uploaded file as the training file, or as a leftover of an ended finetuning.

        If the file is not ``processed``, its job waits for the processing to end; ``None`` means unknown.
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
        """Record that a create call may reach the provider from now on; a cancel before it wins.

        The same write records the call's training file, for good.
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
        """Remove the submission's mark: the create call made no job or, if ``unanswered``, is given up."""
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
        """Record the provider's job of this finetuning."""
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
        """Record a live job; ``status`` is ``None`` if the provider's word has no match here.

        For a job to be stopped, ``error`` or the fault ``refusal`` says why it still lives, and ``asked``
        whether this turn asked the provider to stop it.
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
        """Let go until it is time to look again; ``reason`` is why a look without a fault decided nothing."""
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
        """Record a failed provider call.

        ``missing``: the provider does not know the job. ``refused``: it does not carry out calls of this
        kind. Any other fault ends either of these, so each lasts only without an interruption. ``job`` is the
        job as read back before the fault, and ``asked`` says whether this turn asked it to stop.
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
        """Give the lease back, so that anyone can take it at once."""
        await self._leased.update(held_by(held), {"$set": {"lease": None, "due_at": self._leased.now()}})
