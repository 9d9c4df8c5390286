"""Finetunings in the schema: the type as the clients see it."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from graphql_api.documents import DEFAULT_PAGE, DbConnection, Finetuning
from graphql_api.schema.context import Info
from graphql_api.schema.db_connection.types import DbConnectionType
from graphql_api.schema.finetuning.events import FinetuningEventType, TrainingMetricsType, history_page
from graphql_api.schema.finetuning.status import CancellationPhase, FinetuningStatus
from graphql_api.schema.pagination import After, Connection, First
from graphql_api.schema.scalars import NumberOrAuto
from graphql_api.store.history import HistoryEvent


@strawberry.type(name="ModelParameters", description="The hyperparameters of a training run.")
class ModelParametersType:
    """The fields that clients see of the hyperparameters."""

    n_epochs: NumberOrAuto = strawberry.field(description="How often all the records are gone through.")
    batch_size: NumberOrAuto = strawberry.field(description="How many records make one training step.")
    learning_rate_multiplier: NumberOrAuto = strawberry.field(
        description="The factor on the provider's own learning rate."
    )


@strawberry.type(
    name="TrainedParameters",
    description="The hyperparameters that the provider's job says it has; null where it says nothing.",
)
class TrainedParametersType:
    """The fields that clients see of the hyperparameters that a job says."""

    n_epochs: NumberOrAuto | None = strawberry.field(
        description="How often all the records are gone through."
    )
    batch_size: NumberOrAuto | None = strawberry.field(description="How many records make one training step.")
    learning_rate_multiplier: NumberOrAuto | None = strawberry.field(
        description="The factor on the provider's own learning rate."
    )


@strawberry.type(name="BaseLlm", description="The model that is trained further.")
class BaseLlmType:
    """The fields that clients see of the base LLM."""

    model_provider: str = strawberry.field(description="Who trains it, such as `openai`.")
    model_name: str = strawberry.field(description="The provider's name of the model.")
    model_parameters: ModelParametersType = strawberry.field(description="The hyperparameters.")


@strawberry.type(name="Cancellation", description="A cancel that was asked for, and what came of it.")
class CancellationType:
    """The fields that clients see of a cancellation."""

    phase: CancellationPhase = strawberry.field(description="How far it has come.")
    requested_at: datetime = strawberry.field(description="When it was first asked for.")
    confirmed_at: datetime | None = strawberry.field(description="When it was confirmed.")
    requested_by: str | None = strawberry.field(description="Who asked first; null if unknown.")
    metadata: JSON | None = strawberry.field(description="The map of strings that came with the request.")
    attempts: int = strawberry.field(
        description="How often the provider has been asked to stop the job, or been searched for it."
    )
    last_error: str | None = strawberry.field(
        description="Why the last attempt did not settle it; null if it did."
    )
    trained_tokens: int | None = strawberry.field(
        description="Tokens trained, and billed, until it stopped, if the provider tells."
    )


@strawberry.type(
    name="LastFault",
    description="Why a finetuning does not get on, in the provider's words where it said any.",
)
class LastFaultType:
    """The fields that clients see of the last fault."""

    message: str = strawberry.field(description="What went wrong, or what is not known yet.")
    at: datetime = strawberry.field(description="When that was.")
    attempts: int = strawberry.field(
        description="How many contacts with the provider in a row did not go well; this is the last of them."
    )
    request_id: str | None = strawberry.field(
        description="The provider's id of the request that failed, for its support, if it gave one."
    )


@strawberry.type(name="Dataset", description="What the model is really trained on, frozen before the upload.")
class DatasetType:
    """The fields that clients see of a dataset."""

    golden_records: list[strawberry.ID] = strawberry.field(description="The golden records in it, in order.")
    record_count: int = strawberry.field(description="How many there are.")
    size_bytes: int = strawberry.field(description="The training file's size in bytes.")
    sha256: str = strawberry.field(description="The training file's SHA-256 digest, in hexadecimal.")


@strawberry.type(
    name="Checkpoint",
    description="A model that the provider kept on the way, usable whatever becomes of the rest.",
)
class CheckpointType:
    """The fields that clients see of a checkpoint."""

    id: strawberry.ID = strawberry.field(description="The provider's id of the checkpoint.")
    created_at: datetime = strawberry.field(description="When it was kept.")
    model_id: str = strawberry.field(description="The provider's id of the model as it was at this step.")
    step_number: int = strawberry.field(description="The training step that it was kept after.")
    metrics: TrainingMetricsType = strawberry.field(description="How well the model did at that step.")


@strawberry.type(name="Finetuning", description="A fine-tuning job, from golden records to a trained model.")
class FinetuningType:
    """The fields that clients see of a finetuning."""

    id: strawberry.ID = strawberry.field(description="The finetuning's id.")
    db_connection_id: strawberry.ID = strawberry.field(description="The database it learns to query.")
    alias: str = strawberry.field(description="The name people know it by.")
    status: FinetuningStatus = strawberry.field(description="Where it stands.")
    error: str | None = strawberry.field(description="Why it failed or was cancelled.")
    base_llm: BaseLlmType = strawberry.field(description="The model that is trained further.")
    finetuning_file_id: str | None = strawberry.field(description="The provider's id of the training file.")
    finetuning_job_id: str | None = strawberry.field(description="The provider's id of the job.")
    model_id: str | None = strawberry.field(description="The provider's id of the trained model.")
    created_at: datetime = strawberry.field(description="When it was created.")
    golden_records: list[strawberry.ID] | None = strawberry.field(
        description="The golden records chosen for it; null means all of its connection's."
    )
    metadata: JSON | None = strawberry.field(description="A map of strings to strings kept with it.")
    provider_status: str | None = strawberry.field(
        description="The provider's own word for the status where there is none here, such as `paused`; "
        "before there is a job, that for the training file while it is processed. Live either way."
    )
    updated_at: datetime = strawberry.field(description="When anything about it changed last.")
    version: int = strawberry.field(
        description="Counts its changes: of two answers, however late they come, the one with the higher "
        "version is newer. Times do not tell; a clock may step back."
    )
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    synced_at: datetime | None = strawberry.field(description="When the provider was last heard about it.")
    is_cancellable: bool = strawberry.field(
        description="Whether it can still be cancelled, that is, has not ended."
    )
    cancellation: CancellationType | None = strawberry.field(
        description="The cancel that was asked for; null until then."
    )
    last_fault: LastFaultType | None = strawberry.field(
        description="What went wrong in the last contact with the provider; null if that went well. It stays "
        "where the finetuning ended over it, or ended in doubt."
    )
    dataset: DatasetType | None = strawberry.field(description="What it is trained on, once that is frozen.")
    trained_parameters: TrainedParametersType | None = strawberry.field(
        description="The hyperparameters that the provider's job says it has; null until it says any. Those "
        "that were asked for are in `baseLlm`; where they differ, an event says so."
    )
    trained_tokens: int | None = strawberry.field(description="Tokens trained so far, if the provider tells.")
    estimated_finish_at: datetime | None = strawberry.field(
        description="When the provider expects it to end, if it tells."
    )

    checkpoints: list[CheckpointType] = strawberry.field(
        description="The models that the provider kept on the way, as far as they are known here, in the "
        "order of their steps: what is left of a training that was cancelled."
    )

    @strawberry.field(
        graphql_type=DbConnectionType | None,
        description="The database it learns to query; null if that has been deleted.",
    )
    async def db_connection(self, info: Info, root: strawberry.Parent[Finetuning]) -> DbConnection | None:
        """Return the connection, looked up together with all others of the request."""
        return await info.context.db_connections.load(root.db_connection_id)

    @strawberry.field(
        graphql_type=Connection[FinetuningEventType],
        description="Its history, the oldest entry first: what was done here, and the provider's own log of "
        "the job as far as it is known here.",
    )
    async def events(
        self,
        info: Info,
        root: strawberry.Parent[Finetuning],
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
    ) -> Connection[HistoryEvent]:
        """Return a page of the history; the provider's lines are read together for the whole request."""
        return await history_page(root, first=first, after=after, load=info.context.provider_events.load)
