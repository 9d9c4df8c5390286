"""Updating finetunings in the schema."""

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from graphql_api.documents import Finetuning
from graphql_api.finetunings.update import update
from graphql_api.schema.arguments import METADATA_RULES, FinetuningId, given
from graphql_api.schema.context import Info
from graphql_api.schema.finetuning.types import FinetuningType


@strawberry.input(description="What to change of a finetuning; what is absent stays as it is.")
class UpdateFinetuningInput:
    """The new values of some fields."""

    alias: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name people will know it by; not null."
    )
    metadata: JSON | None = strawberry.field(
        default=strawberry.UNSET, description=METADATA_RULES + " It replaces all there was; null removes it."
    )


Changes = Annotated[UpdateFinetuningInput, strawberry.argument(description="What to change of it.")]


@strawberry.type
class FinetuningUpdateMutation:
    """The update of finetunings."""

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
