"""What clients do with golden records: add, change and delete them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

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


@strawberry.input(description="One golden record to add.")
class GoldenRecordInput:
    """A golden record as a client gives it."""

    prompt_text: str = strawberry.field(description="The question in natural language.")
    sql: str = strawberry.field(description="The SQL that answers the question.")
    metadata: JSON | None = strawberry.field(default=strawberry.UNSET, description=METADATA_RULES)

    def parsed(self) -> NewGoldenRecord:
        """Return what the use case takes."""
        return NewGoldenRecord(prompt_text=self.prompt_text, sql=self.sql, metadata=optional(self.metadata))


@strawberry.input(description="Golden records to add to one database connection.")
class AddGoldenRecordsInput:
    """The connection and its new records."""

    db_connection_id: strawberry.ID = strawberry.field(description="The connection the records are about.")
    golden_records: list[GoldenRecordInput] = strawberry.field(
        description="The records, at most 1,000; if one of them is wrong, none is stored."
    )
    skip_duplicates: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether to leave out what the connection has already, word for word and with the same "
        "metadata, so that asking again is safe; if absent, it is stored once more, with a warning.",
    )


@strawberry.input(description="What to change of a golden record; what is absent stays as it is.")
class UpdateGoldenRecordInput:
    """The new values of some fields."""

    prompt_text: str | None = strawberry.field(
        default=strawberry.UNSET, description="The question in natural language; not null."
    )
    sql: str | None = strawberry.field(
        default=strawberry.UNSET, description="The SQL that answers the question; not null."
    )
    metadata: JSON | None = strawberry.field(
        default=strawberry.UNSET, description=METADATA_RULES + " It replaces all there was; null removes it."
    )


@strawberry.type(description="What came of the deletion of a golden record.")
class DeleteGoldenRecordPayload:
    """The answer of the mutation."""

    golden_record_id: strawberry.ID = strawberry.field(description="The golden record that was deleted.")
    deleted_at: datetime = strawberry.field(
        description="When it was; for thirty days asking again answers the same."
    )


NewRecords = Annotated[
    AddGoldenRecordsInput, strawberry.argument(description="What to add, and to which connection.")
]
Changes = Annotated[UpdateGoldenRecordInput, strawberry.argument(description="What to change of it.")]


@strawberry.type
class GoldenRecordMutation:
    """The changes to golden records."""

    @strawberry.mutation(
        graphql_type=list[GoldenRecordType],
        description="Add golden records to a database connection. Answers what was stored, in order.",
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
        graphql_type=GoldenRecordType,
        description="Change a golden record. A finetuning whose training file is uploaded keeps what it had.",
    )
    async def update_golden_record(
        self,
        info: Info,
        golden_record_id: GoldenRecordId,
        input: Changes,  # noqa: A002  the argument's name in the schema
    ) -> GoldenRecord:
        """Set what is given and return the record."""
        return await update_golden_record(
            golden_record_id,
            given(input),
            caller=info.context.caller,
            sql_check=info.context.services.sql_check,
        )

    @strawberry.mutation(
        description="Delete a golden record. Refused with GOLDEN_RECORD_IN_USE while finetunings that chose "
        "it by its id have yet to upload it. Asking again is safe."
    )
    async def delete_golden_record(
        self, info: Info, golden_record_id: GoldenRecordId
    ) -> DeleteGoldenRecordPayload:
        """Delete the record and say when."""
        deleted_at = await delete_golden_record(golden_record_id, caller=info.context.caller)
        return DeleteGoldenRecordPayload(golden_record_id=golden_record_id, deleted_at=deleted_at)
