"""The query for anything by its id."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import strawberry

from graphql_api import inputs
from graphql_api.documents import (
    ApiKey,
    AuditEntry,
    DbConnection,
    Finetuning,
    GoldenRecord,
    ObjectId,
    ProviderAccount,
)
from graphql_api.documents.paging import DatedDocument
from graphql_api.schema.context import Info
from graphql_api.schema.node.types import NodeType
from graphql_api.schema.requires import NOUNS, requires
from graphql_api.schema.selection import of_field, unasked

KINDS: Mapping[str, type[DatedDocument]] = {
    kind.__name__: kind
    for kind in (Finetuning, DbConnection, GoldenRecord, ProviderAccount, ApiKey, AuditEntry)
}
"""The documents behind the nodes, by the names of their types."""

AnyId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The `id` or the `nodeId` of any node.")
]


@strawberry.type
class NodeQuery:
    """The look-up of anything."""

    @strawberry.field(
        directives=requires(),
        graphql_type=NodeType | None,
        description="Anything by its id; null if not found. A caller finds the types that its scopes let it "
        "read, and a fragment on a type requires that type's scope.",
    )
    async def node(self, info: Info, any_id: AnyId) -> DatedDocument | None:
        """Return the caller's document; each collection is asked once for all nodes of a request."""
        kinds, document_id = _parsed(any_id)
        selected = of_field(info)
        looks = [
            info.context.documents.load((kind, document_id, tuple(unasked(kind, selected))))
            for kind in kinds
            if NOUNS[kind.__name__] in info.context.caller.scopes
        ]
        found = await asyncio.gather(*looks)
        return next((one for one in found if one is not None), None)


def _parsed(given: str) -> tuple[list[type[DatedDocument]], ObjectId]:
    """Return where to look for the id; raises ``BadUserInputError``."""
    named, _, rest = given.rpartition(":")
    kinds = [KINDS[named]] if named in KINDS else list(KINDS.values())
    return kinds, inputs.object_id(rest if named in KINDS else given, name="id")
