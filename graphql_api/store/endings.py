"""The store's operations at a finetuning's end and later."""

from graphql_api.documents import (
    CancellationPhase,
    Finetuning,
    FinetuningEventKind,
    FinetuningStatus,
    Wanted,
)
from graphql_api.providers.port import ProviderFault, ProviderJob
from graphql_api.store.assignments import LEFT_OVER, WELL, closed, ended, faulted, learnt, log_due
from graphql_api.store.expressions import LIVE_VALUES, NOT_ENDED, event
from graphql_api.store.leases import LeasedFinetunings
from graphql_api.store.read_back import differing


class Endings:
    """The operations on an ending or ended finetuning, a part of ``FinetuningStore``."""

    def __init__(self, leased: LeasedFinetunings) -> None:
        self._leased = leased

    async def close(
        self,
        held: Finetuning,
        status: FinetuningStatus,
        *,
        error: str | None = None,
        job: ProviderJob | None = None,
        phase: CancellationPhase | None = None,
        fault: ProviderFault | None = None,
        asked: bool = True,
    ) -> Finetuning | None:
        """End the finetuning for good; ``phase`` is how its cancel ended, if one was wanted.

        ``fault`` is the fault behind the end. The reason for a doubtful end, or the fault, stays on record.
        ``asked`` says whether this turn asked the provider to stop the job.
        """
        now = self._leased.now()
        left = held.dataset is not None and held.finetuning_job_id is None
        changed = event(
            now,
            FinetuningEventKind.STATUS_CHANGED,
            status=status,
            message=error,
            request_id=fault.request_id if fault else None,
        )
        due_in_s = 0 if left or held.wanted is Wanted.DELETE else None
        in_doubt = job is None and held.finetuning_job_id is None and held.submission is not None
        fields = {
            "unanswered_create": held.unanswered_create or in_doubt,
            **({} if phase is CancellationPhase.UNCONFIRMED else WELL),
            **(faulted(fault.message, now, request_id=fault.request_id) if fault else {}),
            **closed(status, error=error, at=(job and job.finished_at) or now),
            **({**learnt(held, job, now), **log_due(now)} if job else {}),
            **(ended(held, phase, job, now, fault=fault, asked=asked) if phase else {}),
            **(LEFT_OVER if left else {}),
        }
        return await self._leased.let_go(
            held,
            fields,
            due_in_s=due_in_s,
            where=NOT_ENDED,
            entries=[*(differing(held, job, now) if job else []), (True, changed)],
        )

    async def forget_leftover(self, held: Finetuning) -> Finetuning | None:
        """Record the removal of the left-over file from the provider."""
        removed = event(self._leased.now(), FinetuningEventKind.FILE_REMOVED)
        return await self._leased.let_go(
            held, {"leftover_file": None}, due_in_s=None, entries=[(True, removed)]
        )

    async def bury(self, held: Finetuning) -> Finetuning | None:
        """Delete an ended finetuning for clients; ids and timeline stay, so that nothing revives it."""
        now = self._leased.now()
        return await self._leased.let_go(
            held,
            {
                "deletion.deleted_at": now,
                "leftover_file": None,
                "finetuning_file_id": None,
                "metadata": None,
                "suffix": None,
                "golden_records": None,
                "dataset": None,
                "idempotency": None,
                "log_work": None,
            },
            due_in_s=None,
            where={"wanted": Wanted.DELETE.value, "status": {"$nin": LIVE_VALUES}},
            entries=[(True, event(now, FinetuningEventKind.DELETED))],
        )

    async def retire(self, held: Finetuning) -> Finetuning | None:
        """Let go of an ended finetuning for good."""
        return await self._leased.let_go(held, {}, due_in_s=None)
