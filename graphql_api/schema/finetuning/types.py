"""Finetunings in the schema: the type for clients."""

from datetime import datetime
from typing import ClassVar, cast

import strawberry

from graphql_api.documents import DbConnection, Finetuning, ProviderAccount
from graphql_api.schema.context import Info
from graphql_api.schema.db_connection.types import DbConnectionType
from graphql_api.schema.finetuning.events import FinetuningEventType, TrainingMetricsType, history_page
from graphql_api.schema.finetuning.status import CancellationPhase, FinetuningStatus
from graphql_api.schema.node.types import NodeType
from graphql_api.schema.pagination import After, Before, Connection, First, Last, Part
from graphql_api.schema.provider_account.types import ProviderAccountType
from graphql_api.schema.requires import requires
from graphql_api.schema.scalars import NumberOrAuto, StringMap
from graphql_api.schema.selection import of_field, unasked
from graphql_api.scopes import Scope
from graphql_api.store.history import HistoryEvent


@strawberry.type(name="ModelParameters", description="The hyperparameters of a training run.")
class ModelParametersType:
    """The public fields of the hyperparameters."""

    n_epochs: NumberOrAuto = strawberry.field(description="The number of passes over all records.")
    batch_size: NumberOrAuto = strawberry.field(description="The number of records in one training step.")
    learning_rate_multiplier: NumberOrAuto = strawberry.field(
        description="The factor on the provider's own learning rate."
    )


@strawberry.type(
    name="TrainedParameters",
    description="The hyperparameters reported by the provider's job; unreported ones are null.",
)
class TrainedParametersType:
    """The public fields of a job's reported hyperparameters."""

    n_epochs: NumberOrAuto | None = strawberry.field(description="The number of passes over all records.")
    batch_size: NumberOrAuto | None = strawberry.field(
        description="The number of records in one training step."
    )
    learning_rate_multiplier: NumberOrAuto | None = strawberry.field(
        description="The factor on the provider's own learning rate."
    )


@strawberry.type(name="BaseLlm", description="The model to train further.")
class BaseLlmType:
    """The public fields of the base LLM."""

    model_provider: str = strawberry.field(description="The provider that trains it, such as `openai`.")
    model_name: str = strawberry.field(description="The provider's name of the model.")
    model_parameters: ModelParametersType = strawberry.field(description="The hyperparameters.")


@strawberry.type(name="Cancellation", description="A requested cancel and its outcome.")
class CancellationType:
    """The public fields of a cancellation."""

    phase: CancellationPhase = strawberry.field(description="The progress of the cancel.")
    requested_at: datetime = strawberry.field(description="The time of the first request.")
    confirmed_at: datetime | None = strawberry.field(description="The time of the confirmation.")
    requested_by: str | None = strawberry.field(
        description="The caller of the first request; null if unknown."
    )
    metadata: StringMap | None = strawberry.field(description="The request's map of strings to strings.")
    attempts: int = strawberry.field(
        description="The number of attempts to stop the job at the provider, or to find it there."
    )
    last_error: str | None = strawberry.field(
        description="The reason why the last attempt did not settle it; null if it did."
    )
    trained_tokens: int | None = strawberry.field(
        description="The tokens trained, and billed, before it stopped, if the provider reports them."
    )


@strawberry.type(
    name="LastFault",
    description="The reason why a finetuning does not get on, in the provider's words if it gave any.",
)
class LastFaultType:
    """The public fields of the last fault."""

    message: str = strawberry.field(description="What went wrong, or what is not known yet.")
    at: datetime = strawberry.field(description="The time of the fault.")
    attempts: int = strawberry.field(
        description="The number of failed provider contacts in a row, this one included."
    )
    request_id: str | None = strawberry.field(
        description="The provider's id of the failed request, for its support, if it gave one."
    )


@strawberry.type(
    name="Dataset", description="The records the model is really trained on, frozen before the upload."
)
class DatasetType:
    """The public fields of a dataset."""

    golden_records: list[strawberry.ID] = strawberry.field(description="The golden records in it, in order.")
    record_count: int = strawberry.field(description="The number of golden records.")
    size_bytes: int = strawberry.field(description="The training file's size in bytes.")
    sha256: str = strawberry.field(description="The training file's SHA-256 digest, in hexadecimal.")


@strawberry.type(
    name="Checkpoint",
    description="A model kept by the provider during the training, usable even if the training fails.",
)
class CheckpointType:
    """The public fields of a checkpoint."""

    id: strawberry.ID = strawberry.field(description="The provider's id of the checkpoint.")
    created_at: datetime = strawberry.field(description="The time it was kept.")
    model_id: str = strawberry.field(description="The provider's id of the model at this step.")
    step_number: int = strawberry.field(description="It was kept after this training step.")
    metrics: TrainingMetricsType = strawberry.field(description="The model's quality at this step.")


@strawberry.type(name="Finetuning", description="A fine-tuning job, from golden records to a trained model.")
class FinetuningType(NodeType):
    """The public fields of a finetuning."""

    shows: ClassVar = Finetuning

    id: strawberry.ID = strawberry.field(description="The finetuning's id.")
    db_connection_id: strawberry.ID = strawberry.field(description="The database it learns to query.")
    provider_account_id: strawberry.ID | None = strawberry.field(
        description="The provider account it is trained under; null for the server's own."
    )
    alias: str = strawberry.field(description="The name people know it by.")
    status: FinetuningStatus = strawberry.field(description="Its status.")
    error: str | None = strawberry.field(description="The reason why it failed or was cancelled.")
    base_llm: BaseLlmType = strawberry.field(description="The model to train further.")
    finetuning_file_id: str | None = strawberry.field(description="The provider's id of the training file.")
    finetuning_job_id: str | None = strawberry.field(description="The provider's id of the job.")
    model_id: str | None = strawberry.field(description="The provider's id of the trained model.")
    created_at: datetime = strawberry.field(description="When it was created.")
    golden_records: list[strawberry.ID] | None = strawberry.field(
        description="The golden records chosen for it; null means all of its connection's."
    )
    metadata: StringMap | None = strawberry.field(description="A map of strings to strings kept with it.")
    suffix: str | None = strawberry.field(
        description="The chosen part of the trained model's name; null if it is made of the alias."
    )
    seed: int | None = strawberry.field(
        description="The chosen seed of the training; null if the provider chose one."
    )
    provider_status: str | None = strawberry.field(
        description="The provider's own word for a status unknown here, such as `paused`. Before the job "
        "exists, its word for the training file in processing. The finetuning is live in both cases."
    )
    updated_at: datetime = strawberry.field(description="The time of its last change.")
    version: int = strawberry.field(
        description="Counts its changes. Of two answers, the one with the higher version is newer, however "
        "late it comes. Do not compare times: a clock may step back."
    )
    finished_at: datetime | None = strawberry.field(description="The time it ended.")
    synced_at: datetime | None = strawberry.field(
        description="The time of the provider's last answer about it."
    )
    is_cancellable: bool = strawberry.field(description="Whether it can be cancelled: it has not ended.")
    cancellation: CancellationType | None = strawberry.field(
        description="The requested cancel; null without one."
    )
    last_fault: LastFaultType | None = strawberry.field(
        description="The fault in the last contact with the provider; null if it went well. It stays if the "
        "finetuning ended because of it, or ended in doubt."
    )
    dataset: DatasetType | None = strawberry.field(
        description="The records it is trained on; null before they are frozen."
    )
    trained_parameters: TrainedParametersType | None = strawberry.field(
        description="The hyperparameters reported by the provider's job; null before its report. The "
        "requested ones are in `baseLlm`; an event reports a difference."
    )
    trained_tokens: int | None = strawberry.field(
        description="The tokens trained so far, if the provider reports them."
    )
    estimated_finish_at: datetime | None = strawberry.field(
        description="The end expected by the provider, if it reports one."
    )

    checkpoints: list[CheckpointType] = strawberry.field(
        description="The known models kept by the provider during the training, in the order of their steps. "
        "They remain after a cancel."
    )

    @strawberry.field(
        directives=requires(Scope.GOLDEN_RECORDS_READ),
        graphql_type=DbConnectionType | None,
        description="The database it learns to query; null if deleted.",
    )
    async def db_connection(self, info: Info, root: strawberry.Parent[Finetuning]) -> DbConnection | None:
        """Return the connection; one look-up serves the whole request."""
        without = tuple(unasked(DbConnection, of_field(info)))
        wanted = (DbConnection, root.db_connection_id, without)
        return cast(DbConnection | None, await info.context.documents.load(wanted))

    @strawberry.field(
        directives=requires(Scope.FINETUNINGS_READ),
        graphql_type=ProviderAccountType | None,
        description="The provider account it is trained under; null for the server's own, and if deleted.",
    )
    async def provider_account(
        self, info: Info, root: strawberry.Parent[Finetuning]
    ) -> ProviderAccount | None:
        """Return the account; one look-up serves the whole request."""
        if root.provider_account_id is None:
            return None
        wanted = (ProviderAccount, root.provider_account_id, ())
        return cast(ProviderAccount | None, await info.context.documents.load(wanted))

    @strawberry.field(
        graphql_type=Connection[FinetuningEventType],
        description="Its history, the oldest entry first: the actions of this server, and the known lines of "
        "the provider's own log of the job.",
    )
    async def events(
        self,
        info: Info,
        root: strawberry.Parent[Finetuning],
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[HistoryEvent]:
        """Return a page of the history; one read loads the provider's lines for the whole request."""
        part = Part(first, after, last, before)
        return await history_page(root, part=part, load=info.context.provider_events.load)
