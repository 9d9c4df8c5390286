"""What clients do with one finetuning: create it, change it, cancel it, give it up, delete it."""

from enum import StrEnum
from typing import cast

import strawberry

from graphql_api.documents import Finetuning
from graphql_api.finetunings.cancel import cancel
from graphql_api.finetunings.create import create
from graphql_api.finetunings.delete import delete
from graphql_api.finetunings.give_up import give_up
from graphql_api.finetunings.update import update
from graphql_api.schema.arguments import FinetuningId, given, optional
from graphql_api.schema.context import Info
from graphql_api.schema.enums import described_enum
from graphql_api.schema.finetuning.inputs import CancelMetadata, Changes, GiveUpReason, NewFinetuning
from graphql_api.schema.finetuning.types import CancellationType, FinetuningType


class DeletionPhase(StrEnum):
    """How far a deletion has come."""

    REQUESTED = "requested"
    DELETED = "deleted"


described_enum(
    DeletionPhase,
    description="How far a deletion has come.",
    values={
        DeletionPhase.REQUESTED: "Recorded for good; the finetuning is being cancelled and is still visible.",
        DeletionPhase.DELETED: "It is gone, and with it, as far as it could be reached, its training file.",
    },
)


@strawberry.type(description="What came of a deletion.")
class DeleteFinetuningPayload:
    """The answer of the mutation."""

    finetuning_id: strawberry.ID = strawberry.field(description="The finetuning that was to be deleted.")
    phase: DeletionPhase = strawberry.field(description="How far the deletion has come.")

    cancellation: CancellationType | None = strawberry.field(
        description="The cancel that came first, and how surely it ended; null without one."
    )
    finetuning: FinetuningType | None = strawberry.field(
        description="The finetuning as it is while it is still there; null once it is deleted."
    )


@strawberry.type
class FinetuningMutation:
    """The changes to finetunings."""

    @strawberry.mutation(
        graphql_type=FinetuningType,
        description="Create a finetuning; it is trained in the background.",
    )
    async def create_finetuning(self, info: Info, input: NewFinetuning) -> Finetuning:  # noqa: A002  the argument's name in the schema
        """Store the finetuning and return it, queued."""
        services = info.context.services
        created = await create(
            input.parsed(), caller=info.context.caller, policy=services.models, engine=services.engine
        )
        services.wake_worker()
        return created

    @strawberry.mutation(
        graphql_type=FinetuningType,
        description="Cancel a finetuning. The request is durable once this answers: if the provider cannot "
        "be reached, the answer shows the true status with `cancellation.phase` REQUESTED, and the cancel "
        "is carried out as soon as it can be. Asking again is safe.",
    )
    async def cancel_finetuning(
        self, info: Info, finetuning_id: FinetuningId, metadata: CancelMetadata = strawberry.UNSET
    ) -> Finetuning:
        """Cancel the finetuning and return it as it is then."""
        return await cancel(
            finetuning_id,
            metadata=optional(metadata),
            caller=info.context.caller,
            engine=info.context.services.engine,
        )

    @strawberry.mutation(
        graphql_type=FinetuningType,
        description="Give up a finetuning that does not end because the provider cannot be asked, or does "
        "not do what it is asked. It is closed at once, as CANCELLED with `cancellation.phase` UNCONFIRMED, "
        "or CONFIRMED where no provider job can exist. A job that lives on costs money until the provider "
        "answers again and the sweep stops it. Only a finetuning that is being cancelled or deleted, or has "
        "a `lastFault`, can be given up. Asking again is safe.",
    )
    async def give_up_finetuning(
        self, info: Info, finetuning_id: FinetuningId, reason: GiveUpReason
    ) -> Finetuning:
        """Close the finetuning and return it; what is left to do is the worker's."""
        services = info.context.services
        given_up = await give_up(
            finetuning_id, reason=reason, caller=info.context.caller, engine=services.engine
        )
        services.wake_worker()
        return given_up

    @strawberry.mutation(
        graphql_type=FinetuningType,
        description="Change a finetuning's alias or metadata, in whatever state it is. The provider is not "
        "told: a job that is there already keeps the suffix it was created with.",
    )
    async def update_finetuning(self, info: Info, finetuning_id: FinetuningId, input: Changes) -> Finetuning:  # noqa: A002  the argument's name in the schema
        """Change the finetuning and return it."""
        context = info.context
        return await update(
            finetuning_id, given(input), caller=context.caller, engine=context.services.engine
        )

    @strawberry.mutation(
        description="Delete a finetuning. It is cancelled first, and disappears only once that is settled; "
        "until then the request is durable and worked on. Asking again is safe."
    )
    async def delete_finetuning(self, info: Info, finetuning_id: FinetuningId) -> DeleteFinetuningPayload:
        """Delete the finetuning and say how far that has come."""
        services = info.context.services
        left = await delete(finetuning_id, caller=info.context.caller, engine=services.engine)
        return _payload(left)


def _payload(left: Finetuning) -> DeleteFinetuningPayload:
    gone = left.is_deleted
    return DeleteFinetuningPayload(
        finetuning_id=strawberry.ID(str(left.id)),
        phase=DeletionPhase.DELETED if gone else DeletionPhase.REQUESTED,
        cancellation=cast("CancellationType | None", left.cancellation),
        finetuning=None if gone else cast("FinetuningType", left),  # its attributes are read, not its class
    )
