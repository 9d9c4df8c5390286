"""Golden records in the schema, and the warnings about them."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import strawberry

from graphql_api.documents import GoldenRecord, GoldenRecordWarningCode
from graphql_api.schema.enums import described_enum
from graphql_api.schema.node.types import NodeType
from graphql_api.schema.scalars import StringMap

described_enum(
    GoldenRecordWarningCode,
    description="A possible fault of a golden record.",
    values={
        GoldenRecordWarningCode.SQL_SYNTAX: "The SQL cannot be parsed in the connection's dialect.",
        GoldenRecordWarningCode.SQL_NOT_ONE_QUERY: "The SQL is not one query: none, several, or a change.",
        GoldenRecordWarningCode.SQL_NOT_CHECKED: "The SQL could not be checked; the message says why.",
        GoldenRecordWarningCode.DUPLICATE: "The connection already had the same question with the same SQL.",
    },
)


class SqlCheckMode(StrEnum):
    """The modes of ``SqlCheck``."""

    OFF = "off"
    WARN = "warn"
    STRICT = "strict"


described_enum(
    SqlCheckMode,
    description="What a server does with a golden record whose SQL is not one query.",
    values={
        SqlCheckMode.OFF: "It does not check SQL.",
        SqlCheckMode.WARN: "It stores the record with a warning.",
        SqlCheckMode.STRICT: "It refuses the record, and the others of the same call.",
    },
)


@strawberry.type(
    name="GoldenRecordWarning",
    description="A possible fault of a golden record; the record is stored and trained on all the same.",
)
class GoldenRecordWarningType:
    """The public fields of a warning."""

    code: GoldenRecordWarningCode = strawberry.field(description="The kind of warning.")
    message: str = strawberry.field(description="The warning in a sentence for people.")
    line: int | None = strawberry.field(description="The line of the SQL, from 1; null if it has no place.")
    column: int | None = strawberry.field(
        description="The column of that line, in characters from 1; null if it has no place."
    )


@strawberry.type(name="GoldenRecord", description="A question and its correct SQL.")
class GoldenRecordType(NodeType):
    """The public fields of a golden record."""

    shows: ClassVar = GoldenRecord

    id: strawberry.ID = strawberry.field(description="The golden record's id.")
    db_connection_id: strawberry.ID = strawberry.field(description="Its database connection.")
    prompt_text: str = strawberry.field(description="The question in natural language.")
    sql: str = strawberry.field(description="The SQL answer to the question.")
    warnings: list[GoldenRecordWarningType] = strawberry.field(
        description="Its possible faults, checked at its last change; empty if the check found no fault."
    )
    created_at: datetime = strawberry.field(description="When it was added.")
    updated_at: datetime = strawberry.field(description="When it last changed; at first, when it was added.")
    metadata: StringMap | None = strawberry.field(description="A map of strings to strings kept with it.")
