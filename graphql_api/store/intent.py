"""The one update that records a cancel: what it changes, and where.

It decides inside the database, in one atomic step, which row of the cancel semantics applies: an ended
finetuning is left alone, a repeated request changes nothing, a finetuning of which nothing can exist at
the provider is closed on the spot, and any other gets the intent stored, together with the lease for
the caller if that is free.
"""

from dataclasses import dataclass

from graphql_api.documents import (
    CANCELLED_BY_USER,
    CancellationPhase,
    FinetuningEventKind,
    FinetuningStatus,
    Wanted,
)
from graphql_api.store.expressions import (
    IS_LIVE,
    NEXT_VERSION,
    Expression,
    Fields,
    appended,
    change,
    event,
    every,
    is_null,
    literal,
    merged,
)

ASKS = every(IS_LIVE, {"$eq": ["$wanted", Wanted.TRAIN.value]})
"""The first request for a finetuning that has not ended."""

CLOSES = every(ASKS, is_null("submission"), is_null("finetuning_job_id"))
"""No create call is under way and no job is known."""

CONFIRMS = every(CLOSES, {"$not": "$unanswered_create"})
"""Nor was one ever given up without an answer: nothing can be training."""

LEAVES_FILE = every(CLOSES, {"$not": is_null("dataset")})
"""A training file may have been uploaded, which nobody needs any more; a holder may still bring its id."""

ENDS_ALL_WORK = every(CLOSES, is_null("dataset"))
"""Nothing is left to do, whoever holds the lease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest:
    """Who asks for a cancel, and the metadata that comes with it."""

    metadata: dict[str, str] | None
    requested_by: str | None


def cancel_stage(
    request: CancelRequest, *, now: Expression, lease: Fields, lease_is_free: Expression
) -> Fields:
    """Return the ``$set`` stage that records the request at the moment ``now``."""
    is_due = {"$lte": ["$due_at", now]}
    takes = every(IS_LIVE, {"$not": CLOSES}, lease_is_free, {"$or": [ASKS, is_due]})
    return {
        **_intent(request, now),
        **_closing(now),
        "lease": {"$cond": [takes, lease, {"$cond": [ENDS_ALL_WORK, None, "$lease"]}]},
        "due_at": {
            "$switch": {
                "branches": [
                    {"case": LEAVES_FILE, "then": now},
                    {"case": CLOSES, "then": None},
                    {"case": takes, "then": lease["expires_at"]},
                ],
                "default": "$due_at",
            }
        },
        **appended(
            (ASKS, event(now, FinetuningEventKind.CANCEL_REQUESTED, actor=request.requested_by)),
            (CLOSES, event(now, FinetuningEventKind.STATUS_CHANGED, status=FinetuningStatus.CANCELLED)),
        ),
    }


def delete_stage(
    requested_by: str | None, *, now: Expression, lease: Fields, lease_is_free: Expression
) -> Fields:
    """Return the ``$set`` stage that records a deletion; it follows the cancel's stage in the same update."""
    asks = {"$ne": ["$wanted", Wanted.DELETE.value]}
    takes = every(asks, {"$not": IS_LIVE}, lease_is_free)
    deletion = {"requested_at": now, "requested_by": literal(requested_by), "deleted_at": None}
    return {
        **change(asks, "wanted", Wanted.DELETE.value),
        **change(asks, "deletion", deletion),
        **change(asks, "faults", 0),
        **change(asks, "updated_at", now),
        **change(asks, "version", NEXT_VERSION),
        **change(takes, "lease", lease),
        **change(takes, "due_at", lease["expires_at"]),
        **appended((asks, event(now, FinetuningEventKind.DELETE_REQUESTED, actor=requested_by))),
    }


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
        **change(CLOSES, "status", FinetuningStatus.CANCELLED.value),
        **change(CLOSES, "error", CANCELLED_BY_USER),
        **change(CLOSES, "finished_at", now),
        **change(CLOSES, "finetuning_file_id", None),
        **change(CLOSES, "provider_status", None),
        **change(CONFIRMS, "last_fault", None),
        **change(LEAVES_FILE, "leftover_file", {"file_id": "$finetuning_file_id"}),
    }
