"""The subscriptions to finetunings and their events."""

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
from graphql_api.schema.requires import requires
from graphql_api.scopes import Scope
from graphql_api.store.history import HistoryEvent

OnlyFinetuning = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only this finetuning, beginning with its present state."),
]
AfterEvent = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor of the last event the client has seen, here or in `Finetuning.events`: send "
        "only the events after it. If absent, send all events."
    ),
]


@strawberry.type(description="One event and its cursor.")
class FinetuningEventDelivery:
    """An event with its cursor."""

    cursor: str = strawberry.field(description="Pass it as `after` to continue after this event.")
    event: FinetuningEventType = strawberry.field(description="The event itself.")

    @classmethod
    def of(cls, cursor: str, event: HistoryEvent) -> "FinetuningEventDelivery":
        """Return the delivery; resolvers read the attributes of the stored event itself."""
        return cls(cursor=cursor, event=event)  # type: ignore[arg-type]  # it has all that the type shows


@strawberry.type
class FinetuningSubscription:
    """The live views of finetunings."""

    @strawberry.subscription(
        directives=requires(Scope.FINETUNINGS_READ),
        graphql_type=FinetuningType,
        description="Finetunings, on every change. For one finetuning it sends the present state first, and "
        "completes on its deletion. For all, or for those of a database connection, it begins with the next "
        "change and does not report deletions. A change that does not show in the selected fields sends "
        "nothing. A slow client gets the latest state once for several quick changes. Ends when the server "
        "stops.",
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
                info.context.subject = finetuning.id
                info.context.documents.clear_all()  # what an earlier result has read may have changed
                yield finetuning

    @strawberry.subscription(
        directives=requires(Scope.FINETUNINGS_READ),
        description="The events of one finetuning: first the known ones, then each new one. A client that "
        "subscribes again with the last cursor misses nothing and gets nothing twice. After a deletion it "
        "sends the rest up to DELETED, to followers and to new subscribers with a cursor, and completes. "
        "Ends when the server stops.",
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
