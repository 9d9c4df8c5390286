"""The timeline of a finetuning in the schema."""

from datetime import datetime

import strawberry

from graphql_api.documents import Finetuning, FinetuningEvent, FinetuningEventKind
from graphql_api.schema.arguments import optional
from graphql_api.schema.described import described_enum
from graphql_api.schema.finetuning_status import FinetuningStatus
from graphql_api.schema.pagination import Connection, bad_cursor, connection, page_size

Kind = FinetuningEventKind

described_enum(
    FinetuningEventKind,
    description="What happened to a finetuning.",
    values={
        Kind.CREATED: "It was created.",
        Kind.DATASET_PREPARED: "The golden records to train on were collected and frozen.",
        Kind.FILE_UPLOADED: "The training file reached the provider; `message` is its id.",
        Kind.SUBMITTING: "A create call to the provider is about to be made.",
        Kind.NOT_SUBMITTED: "That create call is known to have made no job; `message` says why.",
        Kind.JOB_ATTACHED: "The provider's job is known; `message` is its id.",
        Kind.STATUS_CHANGED: "The status became `status`.",
        Kind.CANCEL_REQUESTED: "Somebody asked for it to be cancelled.",
        Kind.PROVIDER_FAULT: "A provider call failed for the first time in a row; it is tried again.",
        Kind.CANCEL_OVERDUE: "The cancel has been unconfirmed for too long; it is still worked on.",
        Kind.ORPHAN_STOPPED: "A provider job that had lost this finetuning was stopped; `message` is its id.",
        Kind.DELETE_REQUESTED: "Somebody asked for it to be deleted.",
        Kind.DELETED: "It was deleted.",
        Kind.FILE_REMOVED: "The training file that nobody needs was removed from the provider.",
    },
)


@strawberry.type(name="FinetuningEvent", description="One entry of a finetuning's timeline.")
class FinetuningEventType:
    """The fields that clients see of an event."""

    at: datetime = strawberry.field(description="When it happened.")
    kind: FinetuningEventKind = strawberry.field(description="What happened.")
    actor: str | None = strawberry.field(description="Who asked for it; null for the server itself.")
    status: FinetuningStatus | None = strawberry.field(
        description="The finetuning's status from then on, where the event changed it."
    )
    message: str | None = strawberry.field(description="More about it, in words.")


def timeline_page(
    finetuning: Finetuning, *, first: int | None, after: str | None
) -> Connection[FinetuningEvent]:
    """Return a page of the timeline, oldest first. An entry's cursor is its place: it never moves."""
    size, start = page_size(first), _place_after(optional(after))
    events = finetuning.timeline[start : start + size]
    entries = [(str(place), event) for place, event in enumerate(events, start=start)]
    return connection(entries, has_next=start + size < len(finetuning.timeline), has_previous=start > 0)


def _place_after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise bad_cursor()
    return int(cursor) + 1
