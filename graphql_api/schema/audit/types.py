"""The entries of the audit log, as admins see them."""

from datetime import datetime
from typing import ClassVar

import strawberry

from graphql_api.documents import AuditEntry, AuditOutcome, AuditTargetKind
from graphql_api.schema.enums import described_enum
from graphql_api.schema.node.types import NodeType

described_enum(
    AuditOutcome,
    description="What became of an attempt.",
    values={
        AuditOutcome.ALLOWED: "It was carried out.",
        AuditOutcome.REFUSED: "It was refused, with the entry's `code`, and changed nothing.",
        AuditOutcome.UNKNOWN: "It broke off, with the entry's `code`; it may have been carried out.",
    },
)
described_enum(
    AuditTargetKind,
    description="The kinds of documents in the audit log.",
    values={
        AuditTargetKind.API_KEY: "An API key.",
        AuditTargetKind.DB_CONNECTION: "A database connection.",
        AuditTargetKind.FINETUNING: "A finetuning.",
        AuditTargetKind.GOLDEN_RECORD: "A golden record.",
        AuditTargetKind.PROVIDER_ACCOUNT: "A provider account.",
    },
)


@strawberry.type(name="AuditTarget", description="A document that an attempt named or made.")
class AuditTargetType:
    """Shows an ``AuditTarget``."""

    kind: AuditTargetKind = strawberry.field(description="What it is.")
    id: strawberry.ID = strawberry.field(description="Its id; it may have been deleted since.")


@strawberry.type(
    name="AuditEntry",
    description="What one caller did or tried to do. An entry never changes. Of all that the caller sent, it "
    "has ids and the names of fields alone.",
)
class AuditEntryType(NodeType):
    """Shows an ``AuditEntry``."""

    shows: ClassVar = AuditEntry

    id: strawberry.ID = strawberry.field(description="The entry's id.")
    created_at: datetime = strawberry.field(description="When it happened, by MongoDB's clock.")
    subject: str | None = strawberry.field(
        description="Who: the name of the key, the user, or the operator at a terminal; null for the "
        "anonymous caller."
    )
    credential_id: str | None = strawberry.field(
        description="With which credential: the key's id, or a digest of the token; null without one."
    )
    address: str | None = strawberry.field(
        description="From where: the client's address, or the name of the machine with the terminal."
    )
    request_id: str | None = strawberry.field(
        description="The request's id, as in the header X-Request-Id and in the server's log."
    )
    action: str = strawberry.field(
        description="What: the mutation's name, `rest cancel`, `rest training file`, `keys create`, "
        "`keys revoke`, or the field or endpoint that was refused."
    )
    targets: list[AuditTargetType] = strawberry.field(description="The documents that it named or made.")
    fields: list[str] = strawberry.field(
        description="The names of the fields given in its input or filter, without their values."
    )
    outcome: AuditOutcome = strawberry.field(description="What became of it.")
    code: str | None = strawberry.field(description="The error's code; null if it was carried out.")
