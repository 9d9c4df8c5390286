"""What came of a cancel, in the words of answers and metrics."""

from enum import StrEnum

from graphql_api.documents import LIVE, Finetuning, FinetuningStatus


class CancelOutcome(StrEnum):
    """What came of it; ``WOULD_CANCEL`` if nothing was asked for but to say what would be."""

    WOULD_CANCEL = "would_cancel"
    REQUESTED = "requested"
    CANCELLED = "cancelled"
    NOT_CANCELLABLE = "not_cancellable"
    NOT_FOUND = "not_found"


def outcome_of(finetuning: Finetuning | None) -> CancelOutcome:
    """Return what came of the cancel of a finetuning that is like this now; ``None``: there is none such."""
    if finetuning is None:
        return CancelOutcome.NOT_FOUND
    if finetuning.status in LIVE:
        return CancelOutcome.REQUESTED if finetuning.wanted.stops else CancelOutcome.WOULD_CANCEL
    cancelled = finetuning.status is FinetuningStatus.CANCELLED
    return CancelOutcome.CANCELLED if cancelled else CancelOutcome.NOT_CANCELLABLE
