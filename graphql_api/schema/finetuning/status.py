"""The states of a finetuning and of its cancellation, registered as the schema's enums."""

from graphql_api.documents import CancellationPhase, FinetuningStatus
from graphql_api.schema.enums import described_enum

__all__ = ["CancellationPhase", "FinetuningStatus"]

described_enum(
    FinetuningStatus,
    description="Where a finetuning stands. SUCCEEDED, FAILED and CANCELLED are final.",
    values={
        FinetuningStatus.QUEUED: "Waiting, here or at the provider.",
        FinetuningStatus.VALIDATING_FILES: "The provider checks the training file.",
        FinetuningStatus.RUNNING: "The provider trains the model.",
        FinetuningStatus.SUCCEEDED: "The model is trained; `modelId` names it.",
        FinetuningStatus.FAILED: "It ended without a model; `error` says why.",
        FinetuningStatus.CANCELLED: "It was cancelled; `cancellation.phase` says how surely.",
    },
)

described_enum(
    CancellationPhase,
    description="How far a cancel has come.",
    values={
        CancellationPhase.REQUESTED: "Recorded for good and being worked on; the provider may still train.",
        CancellationPhase.CONFIRMED: "The provider confirmed it, or no provider job could exist.",
        CancellationPhase.OVERTAKEN: "The job had ended by itself before the cancel reached it.",
        CancellationPhase.UNCONFIRMED: "Closed, in some doubt: no job turned up or a create went unanswered.",
    },
)
