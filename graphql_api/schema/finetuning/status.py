"""The enums of a finetuning's status and its cancellation's phase."""

from graphql_api.documents import CancellationPhase, FinetuningStatus
from graphql_api.schema.enums import described_enum

__all__ = ["CancellationPhase", "FinetuningStatus"]

described_enum(
    FinetuningStatus,
    description="A finetuning's status. SUCCEEDED, FAILED and CANCELLED are final.",
    values={
        FinetuningStatus.QUEUED: "It waits, here or at the provider.",
        FinetuningStatus.VALIDATING_FILES: "The provider checks the training file.",
        FinetuningStatus.RUNNING: "The provider trains the model.",
        FinetuningStatus.SUCCEEDED: "The model is trained; `modelId` names it.",
        FinetuningStatus.FAILED: "It ended without a model; `error` says why.",
        FinetuningStatus.CANCELLED: "It was cancelled; `cancellation.phase` says how surely.",
    },
)

described_enum(
    CancellationPhase,
    description="The progress of a cancel.",
    values={
        CancellationPhase.REQUESTED: "The request is durable and in progress; the provider may still train.",
        CancellationPhase.CONFIRMED: "The provider confirmed it, or no provider job could exist.",
        CancellationPhase.OVERTAKEN: "The job ended by itself before the cancel reached it.",
        CancellationPhase.UNCONFIRMED: "Closed in doubt: no job was found, or a create stayed unanswered.",
    },
)
