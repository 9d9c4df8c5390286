"""The one update for giving a finetuning up.

It stands for a cancel, so the cancel's own stage comes first. That stage closes a finetuning without anything
at the provider. Any other is closed here as unconfirmed, because a job may live. The update takes the lease
from its holder, so the holder writes nothing any more.
"""

from dataclasses import dataclass

from graphql_api.documents import (
    CANCELLED_BY_USER,
    CancellationPhase,
    FinetuningEventKind,
    FinetuningStatus,
    Wanted,
)
from graphql_api.store.assignments import LEFT_OVER, NEEDLESS_FILE, closed
from graphql_api.store.expressions import (
    IS_LIVE,
    NOT_ENDED,
    Expression,
    Fields,
    appended,
    change,
    changes,
    event,
    every,
    is_null,
    touched,
)

STUCK: Fields = {
    **NOT_ENDED,
    "$or": [{"wanted": {"$ne": Wanted.TRAIN.value}}, {"last_fault": {"$ne": None}}],
}
"""The filter of finetunings to be given up: live, and either to be stopped or with a fault."""

JOB_MAY_EXIST = {"$or": [{"$not": is_null(field)} for field in ("submission", "finetuning_job_id")]}

IS_DOUBTFUL = {"$or": [JOB_MAY_EXIST, "$unanswered_create"]}

ENDS_WITH_FILE = every(IS_LIVE, NEEDLESS_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingUp:
    """Who gives a finetuning up, and why."""

    reason: str
    given_up_by: str | None


def told_stage(giving_up: GivingUp, *, now: Expression) -> Fields:
    """Return the ``$set`` stage of the actor and the reason; it precedes the cancel's stage."""
    told = event(now, FinetuningEventKind.GIVEN_UP, actor=giving_up.given_up_by, message=giving_up.reason)
    return {**touched(now), **appended((True, told))}


def closing_stage(*, now: Expression) -> Fields:
    """Return the closing ``$set`` stage, for a finetuning left open by the cancel's stage before it."""
    phase = {"$cond": [IS_DOUBTFUL, CancellationPhase.UNCONFIRMED.value, CancellationPhase.CONFIRMED.value]}
    is_wanted_again = {"$or": [ENDS_WITH_FILE, {"$eq": ["$wanted", Wanted.DELETE.value]}]}
    reason = {"$ifNull": ["$cancellation.last_error", "$last_fault.message"]}
    changed = event(now, FinetuningEventKind.STATUS_CHANGED, status=FinetuningStatus.CANCELLED)
    end = closed(FinetuningStatus.CANCELLED, error=CANCELLED_BY_USER, at=now)
    return {
        **changes(IS_LIVE, end),
        **change(IS_LIVE, "cancellation.phase", phase),
        **change(IS_LIVE, "cancellation.confirmed_at", {"$cond": [IS_DOUBTFUL, None, now]}),
        **change(IS_LIVE, "cancellation.last_error", {"$cond": [IS_DOUBTFUL, reason, None]}),
        **change(IS_LIVE, "last_fault", {"$cond": [IS_DOUBTFUL, "$last_fault", None]}),
        **change(IS_LIVE, "unanswered_create", IS_DOUBTFUL),
        **changes(ENDS_WITH_FILE, LEFT_OVER),
        **change(IS_LIVE, "lease", None),
        **change(IS_LIVE, "due_at", {"$cond": [is_wanted_again, now, None]}),
        **appended((IS_LIVE, changed)),
    }
