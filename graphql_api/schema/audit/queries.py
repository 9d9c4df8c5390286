"""The query of the audit log."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api import inputs
from graphql_api.documents import AuditEntry, AuditOutcome
from graphql_api.schema.arguments import created_within, optional
from graphql_api.schema.audit.types import AuditEntryType
from graphql_api.schema.context import Info
from graphql_api.schema.pagination import After, Before, Connection, First, Last, Part, listed
from graphql_api.schema.requires import requires
from graphql_api.scopes import Scope

LONGEST_NAME = 200
"""The most characters of a subject or an action."""


@strawberry.input(description="Which entries of the audit log to list; all conditions must hold.")
class AuditFilter:
    """The conditions on a listed entry."""

    subject: str | None = strawberry.field(
        default=strawberry.UNSET, description="The caller has exactly this subject."
    )
    action: str | None = strawberry.field(
        default=strawberry.UNSET, description="It is this action, such as `cancelFinetuning`."
    )
    target_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="One of its targets has this id."
    )
    outcome: AuditOutcome | None = strawberry.field(
        default=strawberry.UNSET, description="It has this outcome."
    )
    created_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It happened at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It happened before this time."
    )

    def parsed(self) -> dict[str, object]:
        """Return the filter of the query; raises ``BadUserInputError``."""
        where: dict[str, object] = {}
        for name in ("subject", "action"):
            if (text := optional(getattr(self, name))) is not None:
                where[name] = inputs.text(text, name=name, longest=LONGEST_NAME)
        if (target := optional(self.target_id)) is not None:
            where["targets.id"] = str(inputs.object_id(target, name="targetId"))
        if (outcome := optional(self.outcome)) is not None:
            where["outcome"] = outcome.value
        return where | created_within(self.created_from, self.created_before)


Filter = Annotated[
    AuditFilter | None,
    strawberry.argument(name="filter", description="The conditions; absent lists all."),
]


@strawberry.type
class AuditQuery:
    """The look at what callers did."""

    @strawberry.field(
        directives=requires(Scope.ADMIN),
        graphql_type=Connection[AuditEntryType],
        description="What callers of this tenant did or tried to do, the newest first. Refused credentials "
        "belong to no tenant: the command `graphql-api audit export` has them.",
    )
    async def audit_log(
        self,
        info: Info,
        conditions: Filter = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[AuditEntry]:
        """Return a page of the tenant's entries."""
        where = conditions.parsed() if conditions else {}
        return await listed(AuditEntry, where, info=info, part=Part(first, after, last, before))
