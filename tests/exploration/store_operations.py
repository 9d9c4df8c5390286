"""Every named operation of the store with arguments drawn at random, for the contract suite."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from beanie import PydanticObjectId

from graphql_api.documents import BaseLlm, CancellationPhase, Finetuning, FinetuningStatus, Idempotency
from graphql_api.finetunings.intent import CancelRequest
from graphql_api.finetunings.store import FinetuningStore
from graphql_api.finetunings.upkeep_store import UpkeepStore
from graphql_api.providers.port import FileStatus, ProviderFault, ProviderJob, TrainingFile
from tests.finetunings.stages import DATASET, job

START = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = ["plain", "$alias", "$$NOW", ""]
METADATA = [None, {}, {"reason": "$status"}, {"reason": "cost", "team": "a"}]


@dataclass(slots=True, kw_only=True)
class Draw:
    """The chance of one sequence, and what its holders have seen so far."""

    random: Random
    new: list[Finetuning]
    held: list[Finetuning] = field(default_factory=list)

    def id(self) -> PydanticObjectId:
        """Return the id of one of the finetunings, whether it is stored yet or not."""
        return self.random.choice(self.new).id

    def holder(self) -> Finetuning:
        """Return what some holder saw last: mostly a short time ago."""
        return self.random.choice(self.held[-4:] if self.random.random() < 0.8 else self.held)

    def token(self) -> str:
        """Return one of a few tokens, so that they meet again."""
        return self.random.choice(["t1", "t2", "t3"])

    def text(self) -> str:
        """Return a text, most of which would be read as an expression if they were not literal."""
        return self.random.choice(TEXTS)

    def seconds(self) -> float:
        """Return a pause."""
        return self.random.choice([0, 1, 10.5, 70])

    def flag(self) -> bool:
        """Return either."""
        return self.random.random() < 0.5

    def status(self) -> FinetuningStatus:
        """Return any status."""
        return self.random.choice(list(FinetuningStatus))

    def job(self) -> ProviderJob:
        """Return a job as the provider might tell it."""
        told: dict[str, Any] = (
            {"trained_tokens": 7, "model_id": self.text(), "finished_at": START} if self.flag() else {}
        )
        return job(self.random.choice(["ftjob-1", "ftjob-2"]), **told)

    def fault(self) -> ProviderFault | None:
        """Return a fault as the provider might answer with it, or none."""
        return self.random.choice([ProviderFault(self.text(), request_id=self.text()), None])

    def request(self) -> CancelRequest:
        """Return a cancel of somebody."""
        metadata = self.random.choice(METADATA)
        return CancelRequest(metadata=metadata, requested_by=self.random.choice([None, "$tenant"]))


@dataclass(frozen=True, slots=True)
class Stores:
    """Both faces of the collection."""

    finetunings: FinetuningStore
    upkeep: UpkeepStore


Call = Callable[[Stores], Awaitable[Any]]
"""An operation with its arguments, to be made on either store."""


def new_finetuning(random: Random, number: int) -> Finetuning:
    """Return a finetuning that may share its idempotency key with another."""
    key = random.choice([None, None, "first", "second"])
    return Finetuning(
        tenant="default",
        db_connection_id=PydanticObjectId(),
        alias=random.choice(TEXTS),
        base_llm=BaseLlm(model_provider="openai", model_name="$$ROOT"),
        metadata=random.choice(METADATA),
        idempotency=None if key is None else Idempotency(key=key, fingerprint=str(number)),
        created_at=START,
        updated_at=START,
        due_at=START,
    )


def _request_cancel(draw: Draw) -> Call:
    id_, request, token = draw.id(), draw.request(), draw.token()
    tenant = draw.random.choice(["default"] * 5 + ["other"])
    return lambda stores: stores.finetunings.request_cancel(id_, tenant=tenant, request=request, token=token)


def _insert(draw: Draw) -> Call:
    new = draw.random.choice(draw.new)
    return lambda stores: stores.finetunings.insert(new)


def _created_with(draw: Draw) -> Call:
    key, tenant = draw.random.choice(["first", "second"]), draw.random.choice(["default"] * 5 + ["other"])
    return lambda stores: stores.finetunings.created_with(key, tenant=tenant)


def _update(draw: Draw) -> Call:
    id_, fields, who = (
        draw.id(),
        {"alias": draw.text(), "metadata": draw.random.choice(METADATA)},
        draw.text(),
    )
    return lambda stores: stores.finetunings.update(id_, tenant="default", fields=fields, updated_by=who)


def _request_cancels(draw: Draw) -> Call:
    ids, request = [one.id for one in draw.new if draw.flag()], draw.request()
    return lambda stores: stores.upkeep.request_cancels(ids, tenant="default", request=request)


def _read(draw: Draw) -> Call:
    id_ = draw.id()
    return lambda stores: stores.finetunings.read(id_)


def _claim(draw: Draw) -> Call:
    id_, token = draw.id(), draw.token()
    return lambda stores: stores.finetunings.claim(id_, token=token)


def _claim_due(draw: Draw) -> Call:
    token = draw.token()
    return lambda stores: stores.finetunings.claim_due(token=token)


def _attach_file(draw: Draw) -> Call:
    held, file_id, processed = draw.holder(), draw.text(), draw.random.choice([True, True, False, None])
    return lambda stores: stores.finetunings.attach_file(held, file_id, processed=processed)


def _record_file(draw: Draw) -> Call:
    held, seconds = draw.holder(), draw.seconds()
    file = TrainingFile(id="file-1", status=FileStatus.PROCESSING, word=draw.text())
    return lambda stores: stores.finetunings.record_file(held, file, due_in_s=seconds)


def _end_file_wait(draw: Draw) -> Call:
    held, processed, reason = draw.holder(), draw.random.choice([True, None]), draw.text()
    return lambda stores: stores.finetunings.end_file_wait(held, processed=processed, reason=reason)


def _withdraw(draw: Draw) -> Call:
    held, reason, unanswered = draw.holder(), draw.text(), draw.flag()
    return lambda stores: stores.finetunings.withdraw_submission(held, reason=reason, unanswered=unanswered)


def _attach_job(draw: Draw) -> Call:
    held, made = draw.holder(), draw.job()
    return lambda stores: stores.finetunings.attach_job(held, made)


def _record_sync(draw: Draw) -> Call:
    held, told, seconds = draw.holder(), draw.job(), draw.seconds()
    status, error = draw.random.choice([draw.status(), None]), draw.random.choice([draw.text(), None])
    refusal = draw.fault()
    return lambda stores: stores.finetunings.record_sync(
        held, told, status=status, due_in_s=seconds, error=error, refusal=refusal
    )


def _record_wait(draw: Draw) -> Call:
    held, reason = draw.holder(), draw.random.choice([draw.text(), None])
    return lambda stores: stores.finetunings.record_wait(held, due_in_s=10, reason=reason)


def _record_fault(draw: Draw) -> Call:
    held, message, seconds = draw.holder(), draw.text(), draw.seconds()
    told: dict[str, Any] = {"missing": draw.flag(), "refused": draw.flag(), "request_id": draw.text()}
    return lambda stores: stores.finetunings.record_fault(held, message, due_in_s=seconds, **told)


def _close(draw: Draw) -> Call:
    held, status = draw.holder(), draw.status()
    options: dict[str, Any] = {
        "error": draw.random.choice([draw.text(), None]),
        "job": draw.random.choice([draw.job(), None]),
        "phase": draw.random.choice([*CancellationPhase, None]) if held.cancellation else None,
        "fault": draw.fault(),
    }
    return lambda stores: stores.finetunings.close(held, status, **options)


def _request_delete(draw: Draw) -> Call:
    id_, token, who = draw.id(), draw.token(), draw.text()
    return lambda stores: stores.finetunings.request_delete(
        id_, tenant="default", requested_by=who, token=token
    )


def _claim_job(draw: Draw) -> Call:
    token, attached = draw.token(), [one.finetuning_job_id for one in draw.held if one.finetuning_job_id]
    job_id = draw.random.choice(attached or ["ftjob-1"])
    return lambda stores: stores.upkeep.claim_job(job_id, token=token)


def _hint(draw: Draw) -> Call:
    where: dict[str, Any] = draw.random.choice([{"_id": draw.id()}, {"finetuning_job_id": "ftjob-1"}])
    return lambda stores: stores.upkeep.hint(where)


def _record_orphan(draw: Draw) -> Call:
    id_, job_id, message = draw.id(), draw.text(), draw.text()
    return lambda stores: stores.upkeep.record_orphan(id_, job_id, message)


def _record_marks_lost(draw: Draw) -> Call:
    id_, message = draw.id(), draw.text()
    return lambda stores: stores.upkeep.record_marks_lost(id_, message)


def _owners_of(draw: Draw) -> Call:
    files = [draw.text() for _ in range(draw.random.randrange(3))]
    return lambda stores: stores.upkeep.owners_of(files)


def _mark_overdue(draw: Draw) -> Call:
    seconds = draw.random.choice([0, 0, 1])
    return lambda stores: stores.upkeep.mark_overdue(older_than_s=seconds)


def _count_overdue(draw: Draw) -> Call:
    seconds = draw.seconds()
    return lambda stores: stores.upkeep.count_overdue(older_than_s=seconds)


def _live_job_ids(draw: Draw) -> Call:
    most = 10
    return lambda stores: stores.upkeep.live_job_ids(most=most)


def _of_holder(operation: Callable[[FinetuningStore, Finetuning], Awaitable[Any]]) -> Callable[[Draw], Call]:
    """Return the drawing of an operation that takes nothing but the holder's view."""

    def drawn(draw: Draw) -> Call:
        held = draw.holder()
        return lambda stores: operation(stores.finetunings, held)

    return drawn


ANYONES: dict[str, Callable[[Draw], Call]] = {
    "insert": _insert,
    "created_with": _created_with,
    "update": _update,
    "request_cancels": _request_cancels,
    "read": _read,
    "request_cancel": _request_cancel,
    "claim": _claim,
    "claim_due": _claim_due,
    "request_delete": _request_delete,
    "claim_job": _claim_job,
    "hint": _hint,
    "record_orphan": _record_orphan,
    "record_marks_lost": _record_marks_lost,
    "owners_of": _owners_of,
    "mark_overdue": _mark_overdue,
    "count_overdue": _count_overdue,
    "live_job_ids": _live_job_ids,
}
"""What anybody may do."""

HOLDERS: dict[str, Callable[[Draw], Call]] = {
    "freeze_dataset": _of_holder(lambda store, held: store.freeze_dataset(held, DATASET)),
    "attach_file": _attach_file,
    "record_file": _record_file,
    "end_file_wait": _end_file_wait,
    "mark_submitting": _of_holder(lambda store, held: store.mark_submitting(held)),
    "withdraw_submission": _withdraw,
    "attach_job": _attach_job,
    "record_sync": _record_sync,
    "record_wait": _record_wait,
    "record_fault": _record_fault,
    "close": _close,
    "forget_leftover": _of_holder(lambda store, held: store.forget_leftover(held)),
    "bury": _of_holder(lambda store, held: store.bury(held)),
    "retire": _of_holder(lambda store, held: store.retire(held)),
    "renew": _of_holder(lambda store, held: store.renew(held)),
    "release": _of_holder(lambda store, held: store.release(held)),
}
"""What takes the view of a holder."""
