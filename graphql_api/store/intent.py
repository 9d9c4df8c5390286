"""The one update for recording a cancel.

It decides inside the database, in one atomic step. An ended finetuning stays as it is. A repeated request
changes nothing. A finetuning without anything at the provider is closed at once. Any other gets the intent,
together with the lease for the caller if the lease is free.
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
    NEXT_VERSION,
    Expression,
    Fields,
    appended,
    change,
    changes,
    event,
    every,
    is_null,
    literal,
    merged,
)
from graphql_api.store.leases import Offer

ASKS = every(IS_LIVE, {"$eq": ["$wanted", Wanted.TRAIN.value]})
"""The first request for a live finetuning."""

CLOSES = every(ASKS, is_null("submission"), is_null("finetuning_job_id"))
"""No create call is under way, and no job is known."""

CONFIRMS = every(CLOSES, {"$not": "$unanswered_create"})
"""Also, no create call was ever given up without an answer: nothing can be training."""

CLOSES_WITH_FILE = every(CLOSES, NEEDLESS_FILE)
"""A training file may have been uploaded, without any further use."""

ENDS_ALL_WORK = every(CLOSES, is_null("dataset"))
"""Nothing is left to do, for any holder of the lease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """A user's request for a cancel: the actor and the metadata."""

    metadata: dict[str, str] | None
    requested_by: str | None


def cancel_stage(request: CancelRequest, *, now: Expression, offer: Offer | None = None) -> Fields:
    """Return the ``$set`` stage for recording the request at the moment ``now``.

    Without an ``offer`` of the lease, no caller carries the cancel out at once.
    """
    left = {"lease": {"$cond": [ENDS_ALL_WORK, None, "$lease"]}, "due_at": _due_at(now)}
    return {
        **_closing(now),
        **_intent(request, now),
        **(_taken(offer, now, otherwise=left) if offer else left),
        **appended(
            (ASKS, event(now, FinetuningEventKind.CANCEL_REQUESTED, actor=request.requested_by)),
            (CLOSES, event(now, FinetuningEventKind.STATUS_CHANGED, status=FinetuningStatus.CANCELLED)),
        ),
    }


def delete_stage(requested_by: str | None, *, now: Expression, offer: Offer) -> Fields:
    """Return the ``$set`` stage for recording a deletion, after the cancel's stage in the same update."""
    asks = {"$ne": ["$wanted", Wanted.DELETE.value]}
    takes = every(asks, {"$not": IS_LIVE}, offer.is_free)
    deletion = {"requested_at": now, "requested_by": literal(requested_by), "deleted_at": None}
    return {
        **change(asks, "wanted", Wanted.DELETE.value),
        **change(asks, "deletion", deletion),
        **change(asks, "faults", 0),
        **change(asks, "updated_at", now),
        **change(asks, "version", NEXT_VERSION),
        **change(takes, "lease", offer.lease),
        **change(takes, "due_at", offer.lease["expires_at"]),
        **appended((asks, event(now, FinetuningEventKind.DELETE_REQUESTED, actor=requested_by))),
    }


def _due_at(now: Expression) -> Expression:
    """Return the next due time: at once for a left-over file, none after any other close, else as it is."""
    ends = [{"case": CLOSES_WITH_FILE, "then": now}, {"case": CLOSES, "then": None}]
    return {"$switch": {"branches": ends, "default": "$due_at"}}


def _taken(offer: Offer, now: Expression, *, otherwise: Fields) -> Fields:
    """Return the lease and its due time for the caller, if the lease is free and there is work to do."""
    is_due = {"$lte": ["$due_at", now]}
    takes = every(IS_LIVE, {"$not": CLOSES}, offer.is_free, {"$or": [ASKS, is_due]})
    taken = {"lease": offer.lease, "due_at": offer.lease["expires_at"]}
    return {name: {"$cond": [takes, value, otherwise[name]]} for name, value in taken.items()}


def _intent(request: CancelRequest, now: Expression) -> Fields:
    cancellation = {
        "phase": {
            "$switch": {
                "branches": [
                    {"case": CONFIRMS, "then": CancellationPhase.CONFIRMED.value},
                    {"case": CLOSES, "then": CancellationPhase.UNCONFIRMED.value},
                ],
                "default": CancellationPhase.REQUESTED.value,
            }
        },
        "requested_at": now,
        "confirmed_at": {"$cond": [CONFIRMS, now, None]},
        "requested_by": literal(request.requested_by),
        "metadata": literal(request.metadata),
        "attempts": 0,
        "last_error": None,
        "trained_tokens": None,
    }
    return {
        **change(ASKS, "wanted", Wanted.CANCEL.value),
        **change(ASKS, "cancellation", cancellation),
        **change(ASKS, "metadata", merged("metadata", request.metadata)),
        **change(ASKS, "faults", 0),
        **change(ASKS, "updated_at", now),
        **change(ASKS, "version", NEXT_VERSION),
    }


def _closing(now: Expression) -> Fields:
    return {
        **changes(CLOSES, closed(FinetuningStatus.CANCELLED, error=CANCELLED_BY_USER, at=now)),
        **changes(CLOSES_WITH_FILE, LEFT_OVER),
        **change(CONFIRMS, "last_fault", None),
    }
