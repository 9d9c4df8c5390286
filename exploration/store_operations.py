"""Every named operation of the store, with random arguments.

The contract suite draws from them.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from exploration.draws import METADATA, Call, Draw
from exploration.provider import OPENAI
from exploration.samples import DATASET
from graphql_api.documents import CancellationPhase, Finetuning
from graphql_api.providers.port import FileStatus, TrainingFile
from graphql_api.store.finetunings import FinetuningStore
from graphql_api.store.giving_up import GivingUp
from graphql_api.tenancy import TenantScope


def _request_cancel(draw: Draw) -> Call:
    id_, request, token = draw.id(), draw.request(), draw.token()
    tenant = draw.random.choice(["default"] * 5 + ["other"])
    return lambda stores: stores.finetunings.request_cancel(
        id_, scope=TenantScope(tenant), request=request, token=token
    )


def _insert(draw: Draw) -> Call:
    new = draw.random.choice(draw.new)
    return lambda stores: stores.finetunings.insert(new)


def _created_with(draw: Draw) -> Call:
    key, tenant = draw.random.choice(["first", "second"]), draw.random.choice(["default"] * 5 + ["other"])
    return lambda stores: stores.finetunings.created_with(key, scope=TenantScope(tenant))


def _find(draw: Draw) -> Call:
    id_, tenant = draw.id(), draw.random.choice(["default"] * 5 + ["other"])
    return lambda stores: stores.finetunings.find(id_, scope=TenantScope(tenant))


def _update(draw: Draw) -> Call:
    id_, fields, who = (
        draw.id(),
        {"alias": draw.text(), "metadata": draw.random.choice(METADATA)},
        draw.text(),
    )
    return lambda stores: stores.finetunings.update(
        id_, scope=TenantScope("default"), fields=fields, updated_by=who
    )


def _request_cancels(draw: Draw) -> Call:
    ids, request = [one.id for one in draw.new if draw.flag()], draw.request()
    return lambda stores: stores.upkeep.request_cancels(ids, scope=TenantScope("default"), request=request)


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
        id_, scope=TenantScope("default"), requested_by=who, token=token
    )


def _give_up(draw: Draw) -> Call:
    id_, giving_up = draw.id(), GivingUp(reason=draw.text(), given_up_by=draw.text())
    tenant = draw.random.choice(["default"] * 5 + ["other"])
    return lambda stores: stores.finetunings.give_up(id_, scope=TenantScope(tenant), giving_up=giving_up)


def _claim_job(draw: Draw) -> Call:
    token, attached = draw.token(), [one.finetuning_job_id for one in draw.held if one.finetuning_job_id]
    job_id = draw.random.choice(attached or ["ftjob-1"])
    return lambda stores: stores.upkeep.claim_job(job_id, token=token)


def _hint(draw: Draw) -> Call:
    where: dict[str, Any] = draw.random.choice([{"_id": draw.id()}, {"finetuning_job_id": "ftjob-1"}])
    return lambda stores: stores.upkeep.hint(where)


def _hint_job(draw: Draw) -> Call:
    attached = [one.finetuning_job_id for one in draw.held if one.finetuning_job_id]
    job_id = draw.random.choice(attached or ["ftjob-1"])
    return lambda stores: stores.upkeep.hint_job(job_id, account=OPENAI)


def _wake(draw: Draw) -> Call:
    of_account: Any = draw.random.choice([None, draw.id()])  # all of them are the server's own
    return lambda stores: stores.upkeep.wake(of_account)


def _record_orphan(draw: Draw) -> Call:
    id_, job_id, message = draw.id(), draw.text(), draw.text()
    return lambda stores: stores.upkeep.record_orphan(id_, job_id, message)


def _record_marks_lost(draw: Draw) -> Call:
    id_, message = draw.id(), draw.text()
    return lambda stores: stores.upkeep.record_marks_lost(id_, message)


def _owners_of(draw: Draw) -> Call:
    files = [draw.text() for _ in range(draw.random.randrange(3))]
    return lambda stores: stores.upkeep.owners_of(files, account=OPENAI)


def _mark_overdue(draw: Draw) -> Call:
    seconds = draw.random.choice([0, 0, 1])
    return lambda stores: stores.upkeep.mark_overdue(older_than_s=seconds)


def _count_overdue(draw: Draw) -> Call:
    seconds = draw.seconds()
    return lambda stores: stores.upkeep.count_overdue(older_than_s=seconds)


def _live_job_ids(draw: Draw) -> Call:
    most = 10
    return lambda stores: stores.upkeep.live_job_ids(account=OPENAI, most=most)


def _of_holder(operation: Callable[[FinetuningStore, Finetuning], Awaitable[Any]]) -> Callable[[Draw], Call]:
    """Return the drawing of an operation with only the holder's view as argument."""

    def drawn(draw: Draw) -> Call:
        held = draw.holder()
        return lambda stores: operation(stores.finetunings, held)

    return drawn


ANYONES: dict[str, Callable[[Draw], Call]] = {
    "insert": _insert,
    "created_with": _created_with,
    "find": _find,
    "update": _update,
    "request_cancels": _request_cancels,
    "read": _read,
    "request_cancel": _request_cancel,
    "claim": _claim,
    "claim_due": _claim_due,
    "request_delete": _request_delete,
    "give_up": _give_up,
    "claim_job": _claim_job,
    "hint": _hint,
    "record_orphan": _record_orphan,
    "record_marks_lost": _record_marks_lost,
    "hint_job": _hint_job,
    "owners_of": _owners_of,
    "wake": _wake,
    "mark_overdue": _mark_overdue,
    "count_overdue": _count_overdue,
    "live_job_ids": _live_job_ids,
}
"""The operations open to anyone."""

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
"""The operations with a holder's view as argument."""
