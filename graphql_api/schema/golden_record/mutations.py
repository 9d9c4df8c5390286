"""The mutations of golden records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.catalogue.golden_records import (
    NewGoldenRecord,
    add_golden_records,
    delete_golden_record,
    update_golden_record,
)
from graphql_api.documents import GoldenRecord
from graphql_api.schema.arguments import METADATA_RULES, GoldenRecordId, given, optional
from graphql_api.schema.context import Info
from graphql_api.schema.golden_record.types import GoldenRecordType
from graphql_api.schema.requires import requires
from graphql_api.schema.scalars import StringMap
from graphql_api.scopes import Scope


@strawberry.input(description="One golden record to add.")
class GoldenRecordInput:
    """The client's new golden record."""

    prompt_text: str = strawberry.field(description="The question in natural language.")
    sql: str = strawberry.field(description="The SQL answer to the question.")
    metadata: StringMap | None = strawberry.field(default=strawberry.UNSET, description=METADATA_RULES)

    def parsed(self) -> NewGoldenRecord:
        """Return the input of the use case."""
        return NewGoldenRecord(prompt_text=self.prompt_text, sql=self.sql, metadata=optional(self.metadata))


@strawberry.input(description="Golden records to add to one database connection.")
class AddGoldenRecordsInput:
    """The connection and its new records."""

    db_connection_id: strawberry.ID = strawberry.field(description="The connection the records are about.")
    golden_records: list[GoldenRecordInput] = strawberry.field(
        description="The records, at most 1,000; all are stored, or on any error, none."
    )
    skip_duplicates: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether to skip records the connection has already, word for word and with the same "
        "metadata. This makes asking again safe. If absent, they are stored once more, with a warning.",
    )


@strawberry.input(description="Changes to a golden record; absent fields stay as they are.")
class UpdateGoldenRecordInput:
    """The new values."""

    prompt_text: str | None = strawberry.field(
        default=strawberry.UNSET, description="The question in natural language; not null."
    )
    sql: str | None = strawberry.field(
        default=strawberry.UNSET, description="The SQL answer to the question; not null."
    )
    metadata: StringMap | None = strawberry.field(
        default=strawberry.UNSET, description=METADATA_RULES + " It replaces the old map; null removes it."
    )


@strawberry.type(description="The outcome of the deletion of a golden record.")
class DeleteGoldenRecordPayload:
    """The answer of the mutation."""

    golden_record_id: strawberry.ID = strawberry.field(description="The deleted golden record.")
    deleted_at: datetime = strawberry.field(
        description="When it was deleted. For thirty days, asking again gives the same answer."
    )


NewRecords = Annotated[
    AddGoldenRecordsInput, strawberry.argument(description="The new records and their connection.")
]
Changes = Annotated[UpdateGoldenRecordInput, strawberry.argument(description="The changes.")]


@strawberry.type
class GoldenRecordMutation:
    """The changes to golden records."""

    @strawberry.mutation(
        directives=requires(Scope.GOLDEN_RECORDS_WRITE),
        graphql_type=list[GoldenRecordType],
        description="Add golden records to a database connection. Returns the stored records, in order.",
    )
    async def add_golden_records(self, info: Info, input: NewRecords) -> Sequence[GoldenRecord]:  # noqa: A002  the argument's name in the schema
        """Store the records and return them."""
        return await add_golden_records(
            input.db_connection_id,
            [one.parsed() for one in input.golden_records],
            caller=info.context.caller,
            sql_check=info.context.services.sql_check,
            skip_duplicates=optional(input.skip_duplicates) or False,
        )

    @strawberry.mutation(
        directives=requires(Scope.GOLDEN_RECORDS_WRITE),
        graphql_type=GoldenRecordType,
        description="Change a golden record. "
        "A finetuning with an uploaded training file keeps the old values.",
    )
    async def update_golden_record(
        self,
        info: Info,
        golden_record_id: GoldenRecordId,
        input: Changes,  # noqa: A002  the argument's name in the schema
    ) -> GoldenRecord:
        """Set the given fields and return the record."""
        return await update_golden_record(
            golden_record_id,
            given(input),
            caller=info.context.caller,
            sql_check=info.context.services.sql_check,
        )

    @strawberry.mutation(
        directives=requires(Scope.GOLDEN_RECORDS_WRITE),
        description="Delete a golden record. Refused with GOLDEN_RECORD_IN_USE if a finetuning chose it by "
        "its id and has not uploaded it yet. Asking again is safe.",
    )
    async def delete_golden_record(
        self, info: Info, golden_record_id: GoldenRecordId
    ) -> DeleteGoldenRecordPayload:
        """Delete the record and return the time."""
        deleted_at = await delete_golden_record(golden_record_id, caller=info.context.caller)
        return DeleteGoldenRecordPayload(golden_record_id=golden_record_id, deleted_at=deleted_at)
