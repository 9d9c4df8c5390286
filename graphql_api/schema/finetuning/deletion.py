"""Deleting finetunings in the schema."""

from enum import StrEnum
from typing import cast

import strawberry

from graphql_api.documents import Finetuning
from graphql_api.finetunings.delete import delete
from graphql_api.schema.arguments import FinetuningId
from graphql_api.schema.context import Info
from graphql_api.schema.enums import described_enum
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
class FinetuningDeletionMutation:
    """The deletion of finetunings."""

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
