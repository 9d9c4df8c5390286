"""The mutations of one finetuning."""

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
from graphql_api.schema.requires import requires
from graphql_api.scopes import Scope


class DeletionPhase(StrEnum):
    """The progress of a deletion."""

    REQUESTED = "requested"
    DELETED = "deleted"


described_enum(
    DeletionPhase,
    description="The progress of a deletion.",
    values={
        DeletionPhase.REQUESTED: "The request is durable and in progress; the finetuning is still visible.",
        DeletionPhase.DELETED: "It is gone, and so is its training file, if the provider could be reached.",
    },
)


@strawberry.type(description="The outcome of a deletion.")
class DeleteFinetuningPayload:
    """The answer of the mutation."""

    finetuning_id: strawberry.ID = strawberry.field(description="The finetuning's id.")
    phase: DeletionPhase = strawberry.field(description="The progress of the deletion.")

    cancellation: CancellationType | None = strawberry.field(
        description="The cancel before the deletion; null without one."
    )
    finetuning: FinetuningType | None = strawberry.field(
        description="The finetuning as it is now; null after its deletion."
    )


@strawberry.type
class FinetuningMutation:
    """The changes to finetunings."""

    @strawberry.mutation(
        directives=requires(Scope.FINETUNINGS_WRITE),
        graphql_type=FinetuningType,
        description="Create a finetuning; it is trained in the background.",
    )
    async def create_finetuning(self, info: Info, input: NewFinetuning) -> Finetuning:  # noqa: A002  the argument's name in the schema
        """Store the finetuning and return it, queued."""
        services = info.context.services
        created = await create(
            input.parsed(),
            caller=info.context.caller,
            policy=services.models,
            engine=services.engine,
            quotas=services.quotas,
        )
        services.wake_worker()
        return created

    @strawberry.mutation(
        directives=requires(Scope.FINETUNINGS_CANCEL),
        graphql_type=FinetuningType,
        description="Cancel a finetuning. The request is durable when this answers. If the provider cannot "
        "be reached, the answer shows the true status with `cancellation.phase` REQUESTED, and the server "
        "carries out the cancel as soon as possible. Asking again is safe.",
    )
    async def cancel_finetuning(
        self, info: Info, finetuning_id: FinetuningId, metadata: CancelMetadata = strawberry.UNSET
    ) -> Finetuning:
        """Cancel the finetuning and return its new state."""
        return await cancel(
            finetuning_id,
            metadata=optional(metadata),
            caller=info.context.caller,
            engine=info.context.services.engine,
        )

    @strawberry.mutation(
        directives=requires(Scope.FINETUNINGS_CANCEL),
        graphql_type=FinetuningType,
        description="Give up a finetuning stuck at the provider: the provider cannot be reached, or does not "
        "obey. It is closed at once as CANCELLED, with `cancellation.phase` UNCONFIRMED, or CONFIRMED if no "
        "provider job can exist. A live job costs money until the provider answers again and the sweep stops "
        "it. The finetuning must have a cancel or a deletion in progress, or a `lastFault`. Asking again is "
        "safe.",
    )
    async def give_up_finetuning(
        self, info: Info, finetuning_id: FinetuningId, reason: GiveUpReason
    ) -> Finetuning:
        """Close the finetuning and return it; the worker does the rest."""
        services = info.context.services
        given_up = await give_up(
            finetuning_id, reason=reason, caller=info.context.caller, engine=services.engine
        )
        services.wake_worker()
        return given_up

    @strawberry.mutation(
        directives=requires(Scope.FINETUNINGS_WRITE),
        graphql_type=FinetuningType,
        description="Change a finetuning's alias or metadata, in any status. The provider does not learn of "
        "it: an existing job keeps its suffix.",
    )
    async def update_finetuning(self, info: Info, finetuning_id: FinetuningId, input: Changes) -> Finetuning:  # noqa: A002  the argument's name in the schema
        """Change the finetuning and return it."""
        context = info.context
        return await update(
            finetuning_id, given(input), caller=context.caller, engine=context.services.engine
        )

    @strawberry.mutation(
        directives=requires(Scope.FINETUNINGS_WRITE),
        description="Delete a finetuning. The server cancels it first, and removes it after the cancel is "
        "settled. Before that the request is durable and in progress. Asking again is safe.",
    )
    async def delete_finetuning(self, info: Info, finetuning_id: FinetuningId) -> DeleteFinetuningPayload:
        """Delete the finetuning and return the progress."""
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
