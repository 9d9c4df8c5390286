"""The timeline of a finetuning in the schema."""

from datetime import datetime

import strawberry

from graphql_api.documents import Finetuning, FinetuningEventKind
from graphql_api.documents.paging import MOST_COUNTED
from graphql_api.following.resume_points import place_after, reaching
from graphql_api.schema.arguments import optional
from graphql_api.schema.enums import described_enum
from graphql_api.schema.finetuning.status import FinetuningStatus
from graphql_api.schema.pagination import Connection, Part, connection
from graphql_api.store.history import HistoryEvent, LoadLines, Place, history_after, history_before

Kind = FinetuningEventKind

described_enum(
    FinetuningEventKind,
    description="What happened to a finetuning.",
    values={
        Kind.CREATED: "It was created.",
        Kind.DATASET_PREPARED: "The golden records to train on were collected and frozen.",
        Kind.FILE_UPLOADED: "The training file reached the provider; `message` is its id.",
        Kind.FILE_PROCESSING: "The training file is still being processed; `message` is the provider's word.",
        Kind.FILE_PROCESSED: "The wait for the training file is over; `message` is the provider's last "
        "word for it, or the reason why the provider could not be asked.",
        Kind.SUBMITTING: "A create call to the provider comes next.",
        Kind.NOT_SUBMITTED: "A create call made no job, or stays unanswered for good; `message` says which.",
        Kind.JOB_ATTACHED: "The provider's job is known; `message` is its id.",
        Kind.STATUS_CHANGED: "The status became `status`.",
        Kind.PARAMETERS_DIFFER: "The job's hyperparameters differ from the request; `message` names them.",
        Kind.UPDATED: "Somebody changed its alias or metadata; `message` names the fields.",
        Kind.CANCEL_REQUESTED: "Somebody asked for it to be cancelled.",
        Kind.PROVIDER_FAULT: "A provider call failed, the first in a row; the server tries again.",
        Kind.GIVEN_UP: "Somebody gave it up. It was closed without the provider; `message` is the reason.",
        Kind.CANCEL_OVERDUE: "The cancel has been unconfirmed for too long; the server still works on it.",
        Kind.ORPHAN_STOPPED: "A stray provider job of this finetuning, not its own, was stopped; `message` "
        "says which, and what stopped it.",
        Kind.MARKS_LOST: "The provider returned the job without the metadata sent with it; `message` says "
        "how it was recognized.",
        Kind.DELETE_REQUESTED: "Somebody asked for it to be deleted.",
        Kind.DELETED: "It was deleted.",
        Kind.FILE_REMOVED: "The unused training file was removed from the provider.",
        Kind.PROVIDER_MESSAGE: "A line of the provider's own log of the job, in `message`.",
        Kind.PROVIDER_METRICS: "The provider reported the training's `metrics`.",
    },
)


@strawberry.type(
    name="TrainingMetrics",
    description="The model's quality at a training step; values missing at the provider are null.",
)
class TrainingMetricsType:
    """The public fields of metrics."""

    step: int | None = strawberry.field(description="The training step, counted from 1.")
    total_steps: int | None = strawberry.field(description="The number of steps in the whole training.")
    train_loss: float | None = strawberry.field(description="The loss on the step's golden records.")
    train_mean_token_accuracy: float | None = strawberry.field(
        description="The share of tokens predicted right in the step's golden records, 0 to 1."
    )
    valid_loss: float | None = strawberry.field(description="The loss on a part of the validation file.")
    valid_mean_token_accuracy: float | None = strawberry.field(
        description="The share of tokens predicted right in a part of the validation file, 0 to 1."
    )
    full_valid_loss: float | None = strawberry.field(description="The loss on the whole validation file.")
    full_valid_mean_token_accuracy: float | None = strawberry.field(
        description="The share of tokens predicted right in the whole validation file, 0 to 1."
    )


@strawberry.type(
    name="FinetuningEvent",
    description="One entry of a finetuning's history: an action of this server, or a line of the "
    "provider's own log of its job.",
)
class FinetuningEventType:
    """The public fields of an event."""

    at: datetime = strawberry.field(description="The time of the event.")
    kind: FinetuningEventKind = strawberry.field(description="The kind of event.")
    actor: str | None = strawberry.field(description="The caller behind it; null for the server itself.")
    status: FinetuningStatus | None = strawberry.field(
        description="The finetuning's new status, if the event changed it."
    )
    message: str | None = strawberry.field(description="More about it, in words.")
    request_id: str | None = strawberry.field(
        description="The provider's id of the failed request, for its support, if it gave one."
    )
    level: str | None = strawberry.field(
        description="The provider's severity: `info`, `warn` or `error`; null for this server's actions."
    )
    metrics: TrainingMetricsType | None = strawberry.field(
        description="The training metrics, for PROVIDER_METRICS."
    )


async def history_page(finetuning: Finetuning, *, part: Part, load: LoadLines) -> Connection[HistoryEvent]:
    """Return a part of the history, oldest first. A cursor is a fixed place in it."""
    size, after, before = part.size(), *_places(part, finetuning)
    finetuning = await reaching(after, finetuning)
    finetuning = await reaching(before, finetuning, name="before")
    start, end = after or Place(), before.in_front if before else Place.end_of(finetuning)
    if part.is_from_the_end:
        page = await history_before(end, finetuning, last=size, load=load, start=start)
    else:
        page = await history_after(start, finetuning, first=size, load=load, end=end)
    total = len(finetuning.timeline) + finetuning.provider_events
    return connection(
        [(behind.encode(of=finetuning.id), event) for behind, event in page.entries],
        has_next=before is not None or (page.has_more and not part.is_from_the_end),
        has_previous=not start.is_start or (page.has_more and part.is_from_the_end),
        total=total if total <= MOST_COUNTED else None,
    )


def _places(part: Part, finetuning: Finetuning) -> tuple[Place | None, Place | None]:
    """Return the places of both cursors; raises ``BadUserInputError``."""
    after, before = optional(part.after), optional(part.before)
    return (
        place_after(after, finetuning_id=finetuning.id),
        place_after(before, finetuning_id=finetuning.id, name="before"),
    )
