"""The timeline of a finetuning in the schema."""

from datetime import datetime

import strawberry

from graphql_api.documents import Finetuning, FinetuningEventKind
from graphql_api.following.resume_points import place_after, reaching
from graphql_api.schema.arguments import optional
from graphql_api.schema.enums import described_enum
from graphql_api.schema.finetuning.status import FinetuningStatus
from graphql_api.schema.pagination import Connection, connection, page_size
from graphql_api.store.history import HistoryEvent, LoadLines, Place, history_after

Kind = FinetuningEventKind

described_enum(
    FinetuningEventKind,
    description="What happened to a finetuning.",
    values={
        Kind.CREATED: "It was created.",
        Kind.DATASET_PREPARED: "The golden records to train on were collected and frozen.",
        Kind.FILE_UPLOADED: "The training file reached the provider; `message` is its id.",
        Kind.FILE_PROCESSING: "The training file is still being processed; `message` is the provider's word.",
        Kind.FILE_PROCESSED: "The training file is waited for no longer; `message` is the provider's "
        "last word for it, or why that could not be asked.",
        Kind.SUBMITTING: "A create call to the provider is about to be made.",
        Kind.NOT_SUBMITTED: "A create call made no job, or is given up as unanswered; `message` says which.",
        Kind.JOB_ATTACHED: "The provider's job is known; `message` is its id.",
        Kind.STATUS_CHANGED: "The status became `status`.",
        Kind.PARAMETERS_DIFFER: "The job has other hyperparameters than asked for; `message` says which.",
        Kind.UPDATED: "Somebody changed its alias or metadata; `message` says which.",
        Kind.CANCEL_REQUESTED: "Somebody asked for it to be cancelled.",
        Kind.PROVIDER_FAULT: "A provider call failed for the first time in a row; it is tried again.",
        Kind.GIVEN_UP: "Somebody gave it up: it was closed without the provider; `message` is the reason.",
        Kind.CANCEL_OVERDUE: "The cancel has been unconfirmed for too long; it is still worked on.",
        Kind.ORPHAN_STOPPED: "A provider job of this finetuning that is not its own was stopped; `message` "
        "says which, and by what.",
        Kind.MARKS_LOST: "The provider's job came back without the metadata that was sent with it; `message` "
        "says by what it is known.",
        Kind.DELETE_REQUESTED: "Somebody asked for it to be deleted.",
        Kind.DELETED: "It was deleted.",
        Kind.FILE_REMOVED: "The training file that nobody needs was removed from the provider.",
        Kind.PROVIDER_MESSAGE: "A line of the provider's own log of the job; `message` is what it says.",
        Kind.PROVIDER_METRICS: "The provider told how the training goes, in `metrics`.",
    },
)


@strawberry.type(
    name="TrainingMetrics",
    description="How well the model did at a step of its training; null where the provider does not tell.",
)
class TrainingMetricsType:
    """The fields that clients see of metrics."""

    step: int | None = strawberry.field(description="The training step, counted from 1.")
    total_steps: int | None = strawberry.field(description="How many steps the whole training has.")
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
    description="One entry of a finetuning's history: what was done with it here, or a line of the "
    "provider's own log of its job.",
)
class FinetuningEventType:
    """The fields that clients see of an event."""

    at: datetime = strawberry.field(description="When it happened.")
    kind: FinetuningEventKind = strawberry.field(description="What happened.")
    actor: str | None = strawberry.field(description="Who asked for it; null for the server itself.")
    status: FinetuningStatus | None = strawberry.field(
        description="The finetuning's status from then on, where the event changed it."
    )
    message: str | None = strawberry.field(description="More about it, in words.")
    request_id: str | None = strawberry.field(
        description="The provider's id of the request that failed, for its support, if it gave one."
    )
    level: str | None = strawberry.field(
        description="How grave the provider calls it: `info`, `warn` or `error`; null for what was done here."
    )
    metrics: TrainingMetricsType | None = strawberry.field(
        description="How the training goes, for PROVIDER_METRICS."
    )


async def history_page(
    finetuning: Finetuning, *, first: int | None, after: str | None, load: LoadLines
) -> Connection[HistoryEvent]:
    """Return a page of the history, oldest first. A cursor is a place in it that never moves."""
    size, place = page_size(first), place_after(optional(after), finetuning_id=finetuning.id)
    finetuning = await reaching(place, finetuning)
    page = await history_after(place or Place(), finetuning, first=size, load=load)
    entries = [(behind.encode(of=finetuning.id), event) for behind, event in page.entries]
    return connection(entries, has_next=page.has_next, has_previous=place is not None)
