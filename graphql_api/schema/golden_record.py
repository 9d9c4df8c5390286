"""Golden records in the schema: the type, its look-ups, and adding some."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from graphql_api.documents import DEFAULT_PAGE, GoldenRecord
from graphql_api.finetunings import inputs
from graphql_api.finetunings.catalogue import NewGoldenRecord, add_golden_records
from graphql_api.schema.arguments import METADATA_RULES, DbConnectionFilter, DocumentId, optional
from graphql_api.schema.context import Info
from graphql_api.schema.pagination import After, Connection, First, newest


@strawberry.type(name="GoldenRecord", description="A question and the SQL that answers it correctly.")
class GoldenRecordType:
    """The fields that clients see of a golden record."""

    id: strawberry.ID = strawberry.field(description="The golden record's id.")
    db_connection_id: strawberry.ID = strawberry.field(description="The database connection it is about.")
    prompt_text: str = strawberry.field(description="The question in natural language.")
    sql: str = strawberry.field(description="The SQL that answers the question.")
    created_at: datetime = strawberry.field(description="When it was added.")
    metadata: JSON | None = strawberry.field(description="A map of strings to strings that came with it.")


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
        description="The records; if one of them is wrong, none is stored."
    )


NewRecords = Annotated[
    AddGoldenRecordsInput, strawberry.argument(description="What to add, and to which connection.")
]


@strawberry.type
class GoldenRecordQuery:
    """The look-ups of golden records."""

    @strawberry.field(
        graphql_type=GoldenRecordType | None, description="One golden record; null if there is none such."
    )
    async def golden_record(self, info: Info, golden_record_id: DocumentId) -> GoldenRecord | None:
        """Return the caller's golden record."""
        document_id = inputs.object_id(golden_record_id, name="id")
        return await GoldenRecord.find_one({"_id": document_id, "tenant": info.context.caller.tenant})

    @strawberry.field(
        graphql_type=Connection[GoldenRecordType], description="Golden records, the newest first."
    )
    async def golden_records(
        self,
        info: Info,
        db_connection_id: DbConnectionFilter = strawberry.UNSET,
        first: First = DEFAULT_PAGE,
        after: After = strawberry.UNSET,
    ) -> Connection[GoldenRecord]:
        """Return a page of the caller's golden records."""
        where: dict[str, object] = {"tenant": info.context.caller.tenant}
        if (wanted := optional(db_connection_id)) is not None:
            where["db_connection_id"] = inputs.object_id(wanted, name="dbConnectionId")
        return await newest(GoldenRecord, where, first=first, after=after)


@strawberry.type
class GoldenRecordMutation:
    """The changes to golden records."""

    @strawberry.mutation(
        graphql_type=list[GoldenRecordType], description="Add golden records to a database connection."
    )
    async def add_golden_records(self, info: Info, input: NewRecords) -> Sequence[GoldenRecord]:  # noqa: A002  the argument's name in the schema
        """Store the records and return them."""
        given = [one.parsed() for one in input.golden_records]
        return await add_golden_records(input.db_connection_id, given, caller=info.context.caller)
