"""Parts with seeded design faults, each in place of a real one."""

from typing import Any

from bson import ObjectId

from graphql_api.documents import (
    CANCELLED_BY_USER,
    CancellationPhase,
    Finetuning,
    FinetuningStatus,
)
from graphql_api.finetunings.cancel import cancel
from graphql_api.providers.port import JobSpec, NotSentError, OutcomeUnknownError, ProviderFault, ProviderJob
from graphql_api.store.expressions import Expression, Fields, is_null, later
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.leases import LeasedFinetunings


class Around:
    """A part with some of its calls replaced; all others go through."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


class RetryingCreate(Around):
    """Like an SDK with its default settings: a create call without an answer is made again."""

    async def create_job(self, spec: JobSpec) -> ProviderJob:
        """Try twice."""
        try:
            job: ProviderJob = await self._part.create_job(spec)
        except OutcomeUnknownError:
            job = await self._part.create_job(spec)
        return job


class UnknownIsRefused(Around):
    """A create call without an answer is taken for one never sent."""

    async def create_job(self, spec: JobSpec) -> ProviderJob:
        """Call every open outcome a failure."""
        try:
            job: ProviderJob = await self._part.create_job(spec)
        except OutcomeUnknownError as fault:
            raise NotSentError(fault.message) from fault
        return job


class BelievedCancel(Around):
    """The answer of the cancel call is believed, and not read back."""

    _told: ProviderJob | None = None

    async def cancel_job(self, job_id: str) -> ProviderJob:
        """Remember the answer."""
        self._told = None
        told: ProviderJob = await self._part.cancel_job(job_id)
        self._told = told
        return told

    async def retrieve_job(self, job_id: str) -> ProviderJob:
        """Answer from memory."""
        told, self._told = self._told, None
        job: ProviderJob = told or await self._part.retrieve_job(job_id)
        return job


class NoLookUp(Around):
    """The next create call is made without a search for a job."""

    async def find_jobs(self, **_: object) -> list[ProviderJob]:
        """Find nothing."""
        return []


class OptimisticCancel(Around):
    """The finetuning is called cancelled as soon as it is asked for."""

    async def request_cancel(self, *given: Any, **named: Any) -> Finetuning | None:
        """Record the request and close at once."""
        asked: Finetuning | None = await self._part.request_cancel(*given, **named)
        if asked is None or asked.lease is None or asked.lease.token != named["token"]:
            return asked
        closed: Finetuning | None = await self._part.close(
            asked,
            FinetuningStatus.CANCELLED,
            error=CANCELLED_BY_USER,
            phase=CancellationPhase.CONFIRMED,
        )
        return closed


class NoMark(Around):
    """The create call is made without a durable mark."""

    async def mark_submitting(self, held: Finetuning) -> Finetuning | None:
        """Write nothing."""
        return held


class CancelWaitsForTheLease(Around):
    """A cancel that meets a held lease is answered, and forgotten."""

    async def request_cancel(self, finetuning_id: Any, **named: Any) -> Finetuning | None:
        """Record the request only if the lease is free."""
        current: Finetuning | None = await self._part.read(finetuning_id)
        if current is None or current.lease is not None:
            return current
        asked: Finetuning | None = await self._part.request_cancel(finetuning_id, **named)
        return asked


class AbsenceBelieved(Around):
    """The first 404 is believed."""

    async def record_fault(
        self, held: Finetuning, message: str, *, missing: bool = False, **told: Any
    ) -> Finetuning | None:
        """Close the finetuning of every job unknown to the provider."""
        if missing and held.cancellation:
            phase = CancellationPhase.UNCONFIRMED
            closed: Finetuning | None = await self._part.close(
                held, FinetuningStatus.CANCELLED, error=CANCELLED_BY_USER, phase=phase
            )
            return closed
        left: Finetuning | None = await self._part.record_fault(held, message, missing=missing, **told)
        return left


class Sleeper(Around):
    """A fault ends all work on the finetuning."""

    async def record_fault(self, held: Finetuning, message: str, **told: Any) -> Finetuning | None:
        """Never come back to it."""
        left: Finetuning | None = await self._part.record_fault(held, message, **told | {"due_in_s": 10**8})
        return left


class ForgetsOpenCreate(Around):
    """A create call that is given up without an answer is forgotten."""

    async def withdraw_submission(
        self, held: Finetuning, *, reason: str, unanswered: bool = False
    ) -> Finetuning | None:
        """Call it answered."""
        left: Finetuning | None = await self._part.withdraw_submission(held, reason=reason)
        return left


class NoToken(LeasedFinetunings):
    """A holder looks for a lease, and does not compare its token."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Take any lease for one's own."""
        anyones = {**without(where, "lease.token"), "lease": {"$ne": None}}
        return await super().update(anyones if "lease.token" in where else where, *stages, **options)


class NoWanted(LeasedFinetunings):
    """A write that ends a turn does not look for a cancel that arrived meanwhile."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Drop the wanted state from the filter of releasing writes."""
        assigned = stages[0]["$set"]
        releases = "lease" in assigned and assigned["lease"] is None
        return await super().update(without(where, "wanted") if releases else where, *stages, **options)


class NoExpiry(LeasedFinetunings):
    """A lease is free only when it was given back."""

    def is_free(self) -> Expression:
        """Ignore when it expires."""
        return is_null("lease")


class EagerClosing(LeasedFinetunings):
    """A cancel closes at once although a create call is marked."""

    async def update(self, where: Fields, *stages: Fields, **options: Any) -> Finetuning | None:
        """Take every mark for absent where a cancel is recorded."""
        recorded = [replaced(stage, is_null("submission"), by=True) for stage in stages]
        return await super().update(where, *(recorded if "tenant" in where else stages), **options)


class UnconditionalSync(FinetuningStore):
    """A status read at the provider is written over every later change."""

    async def record_sync(
        self,
        held: Finetuning,
        job: ProviderJob,
        *,
        status: FinetuningStatus | None,
        due_in_s: float,
        **_: Any,
    ) -> Finetuning | None:
        """Write by id alone."""
        told = (status or held.status).value
        now = self._leased.now()
        fields = {"status": told, "lease": None, "due_at": later(now, due_in_s)}
        return await self._leased.update({"_id": held.id}, {"$set": fields})


class UnconditionalEnd(FinetuningStore):
    """An end told by the provider overwrites the end that is stored."""

    async def close(self, held: Finetuning, status: FinetuningStatus, **told: Any) -> Finetuning | None:
        """Write by id alone."""
        now = self._leased.now()
        fields: Fields = {"status": status.value, "error": told.get("error"), "finished_at": now}
        if told.get("phase"):
            fields["cancellation.phase"] = told["phase"].value
        return await self._leased.update(
            {"_id": held.id}, {"$set": {**fields, "lease": None, "due_at": None}}
        )


async def cancel_before_intent(finetuning_id: str, **given: Any) -> Finetuning:
    """Ask the provider first, and record the cancel only if that went well."""
    engine = given["engine"]
    current = await engine.store.read(ObjectId(finetuning_id))
    if current.finetuning_job_id is not None:
        try:
            await (await engine.provider_of(current)).cancel_job(current.finetuning_job_id)
        except ProviderFault:
            answer: Finetuning = current
            return answer
    return await cancel(finetuning_id, **given)


def without(where: Fields, name: str) -> Fields:
    """Return the filter without one condition."""
    return {key: value for key, value in where.items() if key != name}


def replaced(expression: Expression, part: Expression, *, by: Expression) -> Expression:
    """Return the expression with each occurrence of a part replaced."""
    if expression == part:
        return by
    if isinstance(expression, dict):
        return {key: replaced(value, part, by=by) for key, value in expression.items()}
    if isinstance(expression, list):
        return [replaced(value, part, by=by) for value in expression]
    return expression
