"""The inputs of finetuning queries and mutations."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from graphql_api import inputs
from graphql_api.accounts.fields import LONGEST_MODEL_NAME
from graphql_api.documents import Listing
from graphql_api.documents.finetuning import NEWEST_WITH_ALIAS
from graphql_api.documents.paging import Order
from graphql_api.finetunings.base_llm import BaseLlmChoice, ParameterChoice
from graphql_api.finetunings.create import CreateRequest
from graphql_api.finetunings.give_up import LONGEST_REASON
from graphql_api.schema.arguments import (
    METADATA_RULES,
    containing,
    created_within,
    finished_within,
    named,
    optional,
)
from graphql_api.schema.enums import described_enum
from graphql_api.schema.finetuning.status import FinetuningStatus
from graphql_api.schema.scalars import NumberOrAuto, StringMap


@strawberry.input(description='Hyperparameters; each is a number or "auto".')
class ModelParametersInput:
    """The client's choice of hyperparameters."""

    n_epochs: NumberOrAuto | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of passes over all records: 1 to 50; 3 if absent.",
    )
    batch_size: NumberOrAuto | None = strawberry.field(
        default=strawberry.UNSET, description="The number of records in one step: 1 to 256; 1 if absent."
    )
    learning_rate_multiplier: NumberOrAuto | None = strawberry.field(
        default=strawberry.UNSET,
        description='The factor on the provider\'s own learning rate, above 0; "auto" if absent.',
    )

    def parsed(self) -> ParameterChoice:
        """Return the input of the use case."""
        return ParameterChoice(
            n_epochs=optional(self.n_epochs),
            batch_size=optional(self.batch_size),
            learning_rate_multiplier=optional(self.learning_rate_multiplier),
        )


@strawberry.input(description="The model to train further.")
class BaseLlmInput:
    """The client's choice of base LLM."""

    model_provider: str | None = strawberry.field(
        default=strawberry.UNSET, description="The provider that trains it; `openai` if absent."
    )
    model_name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The provider's name of the model; the server's default if absent.",
    )
    model_parameters: ModelParametersInput | None = strawberry.field(
        default=strawberry.UNSET, description="The hyperparameters."
    )

    def parsed(self) -> BaseLlmChoice:
        """Return the input of the use case."""
        parameters = optional(self.model_parameters)
        return BaseLlmChoice(
            model_provider=optional(self.model_provider),
            model_name=optional(self.model_name),
            model_parameters=parameters.parsed() if parameters else ParameterChoice(),
        )


@strawberry.input(description="A finetuning to create.")
class CreateFinetuningInput:
    """The client's request for a finetuning."""

    db_connection_id: strawberry.ID = strawberry.field(description="The database to learn to query.")
    alias: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its name for people; the connection's alias and the date if absent.",
    )
    base_llm: BaseLlmInput | None = strawberry.field(
        default=strawberry.UNSET, description="The model to train further; the server's default if absent."
    )
    golden_records: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The golden records to train on, at least 10; all of the connection's if absent. "
        "The training file may have 100 MB; it repeats the tables for every record.",
    )
    metadata: StringMap | None = strawberry.field(default=strawberry.UNSET, description=METADATA_RULES)
    suffix: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A part of the trained model's name, sent to the provider as it is: 1 to 64 of the "
        "characters A-Z, a-z, 0-9, - and _. Made of the alias if absent.",
    )
    seed: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Makes the training reproducible, as far as the provider can: 0 to 2147483647; the "
        "provider's choice if absent.",
    )
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The client's own key: a repeated call with it returns the first call's finetuning.",
    )
    provider_account_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The provider account to train under; the server's own if absent.",
    )

    def parsed(self) -> CreateRequest:
        """Return the input of the use case."""
        base_llm, golden_records = optional(self.base_llm), optional(self.golden_records)
        return CreateRequest(
            db_connection_id=str(self.db_connection_id),
            alias=optional(self.alias),
            base_llm=base_llm.parsed() if base_llm else BaseLlmChoice(),
            golden_records=None if golden_records is None else [str(one) for one in golden_records],
            metadata=optional(self.metadata),
            suffix=optional(self.suffix),
            seed=optional(self.seed),
            idempotency_key=optional(self.idempotency_key),
            provider_account_id=optional(self.provider_account_id),
        )


@strawberry.input(description="Changes to a finetuning; absent fields stay as they are.")
class UpdateFinetuningInput:
    """The new values."""

    alias: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its name for people; not null."
    )
    metadata: StringMap | None = strawberry.field(
        default=strawberry.UNSET, description=METADATA_RULES + " It replaces the old map; null removes it."
    )


@strawberry.input(description="Which finetunings to list; all conditions must hold.")
class FinetuningFilter:
    """The conditions on a listed finetuning."""

    status: list[FinetuningStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Its status is one of these."
    )
    db_connection_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="It belongs to this database connection."
    )
    created_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It was created at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It was created before this time."
    )
    named: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its alias is exactly this, or its id begins with it; at most 200 characters.",
    )
    alias: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its alias contains this, in upper or lower case; at most 200 characters.",
    )
    model_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its base model has exactly this name."
    )
    finished_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It ended at this time or later."
    )
    finished_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It ended before this time."
    )

    @property
    def searches(self) -> bool:
        """Whether it has a condition that no index narrows down."""
        return optional(self.alias) is not None or optional(self.named) is not None

    @property
    def index(self) -> str | None:
        """The index to read, if MongoDB must not choose: a part of an alias is looked for in all of them."""
        has_part, has_whole = optional(self.alias) is not None, optional(self.named) is not None
        return NEWEST_WITH_ALIAS if has_part and not has_whole else None

    def parsed(self) -> dict[str, object]:
        """Return the filter of the query; raises ``BadUserInputError``."""
        where: dict[str, object] = {}
        if (statuses := optional(self.status)) is not None:
            where["status"] = {"$in": [status.value for status in statuses]}
        if (wanted := optional(self.db_connection_id)) is not None:
            where["db_connection_id"] = inputs.object_id(wanted, name="dbConnectionId")
        if (model := optional(self.model_name)) is not None:
            where["base_llm.model_name"] = inputs.text(model, name="modelName", longest=LONGEST_MODEL_NAME)
        names = [named(name)] if (name := optional(self.named)) is not None else []
        if (alias := optional(self.alias)) is not None:
            names.append({"alias": containing(alias, name="alias")})
        if names:
            where["$and"] = names
        where |= created_within(self.created_from, self.created_before)
        return where | finished_within(self.finished_from, self.finished_before)


class FinetuningOrderField(Enum):
    """The times by which finetunings are listed."""

    CREATED_AT = "created_at"
    FINISHED_AT = "finished_at"


class OrderDirection(Enum):
    """Which end of an order comes first."""

    ASC = "asc"
    DESC = "desc"


described_enum(
    FinetuningOrderField,
    description="What finetunings are ordered by. Equal ones are ordered by their ids.",
    values={
        FinetuningOrderField.CREATED_AT: "The time of the creation.",
        FinetuningOrderField.FINISHED_AT: "The time of the end. Those that have not ended count as the "
        "earliest.",
    },
)
described_enum(
    OrderDirection,
    description="The direction of an order.",
    values={
        OrderDirection.ASC: "The earliest first.",
        OrderDirection.DESC: "The latest first.",
    },
)


@strawberry.input(description="The order of a list of finetunings.")
class FinetuningOrder:
    """One field and a direction."""

    field: FinetuningOrderField = strawberry.field(description="What they are ordered by.")
    direction: OrderDirection = strawberry.field(description="Which come first.")

    @property
    def is_by_end(self) -> bool:
        """Whether it orders by the time of the end."""
        return self.field is FinetuningOrderField.FINISHED_AT

    def parsed(self) -> Order:
        """Return the order of the list."""
        listing = Listing.FINETUNINGS_BY_END if self.is_by_end else Listing.FINETUNINGS
        return Order(self.field.value, listing, latest_first=self.direction is OrderDirection.DESC)


NewFinetuning = Annotated[
    CreateFinetuningInput, strawberry.argument(description="The model to train, and its golden records.")
]
Changes = Annotated[UpdateFinetuningInput, strawberry.argument(description="The changes.")]
Filter = Annotated[
    FinetuningFilter | None,
    strawberry.argument(name="filter", description="The conditions; absent lists all."),
]
OrderBy = Annotated[
    FinetuningOrder | None,
    strawberry.argument(description="The order of the list; the newest first if absent."),
]
CancelMetadata = Annotated[
    StringMap | None,
    strawberry.argument(
        description=METADATA_RULES + " They join the finetuning's metadata, and replace pairs with "
        "the same keys; together they may be more."
    ),
]
GiveUpReason = Annotated[
    str,
    strawberry.argument(
        description=f"The reason to give up: 1 to {LONGEST_REASON} characters, kept in the history."
    ),
]
