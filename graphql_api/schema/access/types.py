"""The caller and its API keys, as clients see them."""

from datetime import datetime
from typing import ClassVar

import strawberry

from graphql_api.documents import ApiKey
from graphql_api.schema.node.types import NodeType


@strawberry.type(name="Viewer", description="The caller of this request.")
class ViewerType:
    """Shows a ``Caller``."""

    tenant: str = strawberry.field(description="The owner of all that the caller sees.")
    subject: str | None = strawberry.field(
        description="The name of the key or the user; null for the anonymous caller."
    )
    scopes: list[str] = strawberry.field(description="What the caller may do, in alphabetical order.")
    expires_at: datetime | None = strawberry.field(
        description="When the credential ends; null for one without an end."
    )


@strawberry.type(name="ApiKey", description="An API key, without its secret.")
class ApiKeyType(NodeType):
    """Shows an ``ApiKey``."""

    shows: ClassVar = ApiKey

    id: strawberry.ID = strawberry.field(description="The part of the key that is no secret.")
    name: str = strawberry.field(description="What its maker calls it.")
    scopes: list[str] = strawberry.field(description="What it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends; null for a key without an end.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked; null if it was not.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to about a minute; null if it never was."
    )
