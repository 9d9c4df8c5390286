"""What clients follow: finetunings as they change, and the events of one, live."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from graphql_api.documents import Finetuning
from graphql_api.following.followers import follow_events, follow_finetunings
from graphql_api.schema.arguments import FinetuningId, OfDbConnection, optional
from graphql_api.schema.context import Info
from graphql_api.schema.finetuning.events import FinetuningEventType
from graphql_api.schema.finetuning.types import FinetuningType
from graphql_api.store.history import HistoryEvent

OnlyFinetuning = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only this finetuning, at first as it is now.")
]
AfterEvent = Annotated[
    str | None,
    strawberry.argument(
        description="Tell only what follows this cursor, that of the last event a client has seen, here or "
        "in `Finetuning.events`; everything from the beginning if absent."
    ),
]


@strawberry.type(description="One event as it is told, and where to go on from after it.")
class FinetuningEventDelivery:
    """An event with its cursor."""

    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this event.")
    event: FinetuningEventType = strawberry.field(description="The event itself.")

    @classmethod
    def of(cls, cursor: str, event: HistoryEvent) -> "FinetuningEventDelivery":
        """Return the delivery; resolvers read the attributes of the stored event itself."""
        return cls(cursor=cursor, event=event)  # type: ignore[arg-type]  # it has all that the type shows


@strawberry.type
class FinetuningSubscription:
    """What can be followed of finetunings."""

    @strawberry.subscription(
        graphql_type=FinetuningType,
        description="Finetunings whenever anything about them changes: one of them, at first as it is now, "
        "until it is deleted, or all, or those of a database connection, from their next change on. What "
        "changes faster than it is taken is told once, as it is then. Whoever follows more than one is not "
        "told of deletions. Ends when the server stops.",
    )
    async def finetuning_updated(
        self,
        info: Info,
        finetuning_id: OnlyFinetuning = strawberry.UNSET,
        db_connection_id: OfDbConnection = strawberry.UNSET,
    ) -> AsyncGenerator[Finetuning, None]:
        """Follow the caller's finetunings."""
        updates = follow_finetunings(
            info.context.services.feed,
            finetuning_id=optional(finetuning_id),
            db_connection_id=optional(db_connection_id),
            caller=info.context.caller,
            announce=info.context.started.set,
        )
        async with aclosing(updates):
            async for finetuning in updates:
                yield finetuning

    @strawberry.subscription(
        description="The events of one finetuning: first those that are known, then each as it becomes "
        "known. Whoever subscribes again with the last cursor misses nothing and gets nothing twice. Once it "
        "is deleted, whoever follows it, or comes again with a cursor of it, is told the rest up to DELETED, "
        "and the subscription completes. Ends when the server stops."
    )
    async def finetuning_events(
        self, info: Info, finetuning_id: FinetuningId, after: AfterEvent = strawberry.UNSET
    ) -> AsyncGenerator[FinetuningEventDelivery, None]:
        """Follow the events of the caller's finetuning."""
        events = follow_events(
            info.context.services.feed,
            finetuning_id,
            after=optional(after),
            caller=info.context.caller,
            announce=info.context.started.set,
        )
        async with aclosing(events):
            async for cursor, event in events:
                yield FinetuningEventDelivery.of(cursor, event)
