"""Provider accounts in the schema: the type for clients."""

from datetime import datetime
from typing import ClassVar

import strawberry

from graphql_api.documents import ProviderAccount
from graphql_api.schema.node.types import NodeType
from graphql_api.schema.scalars import StringMap


@strawberry.type(
    name="ProviderAccount", description="An account at a provider, under whose key jobs run. No secret shows."
)
class ProviderAccountType(NodeType):
    """The public fields of a provider account."""

    shows: ClassVar = ProviderAccount

    id: strawberry.ID = strawberry.field(description="The account's id.")
    name: str = strawberry.field(description="The name people know it by, unique in the tenant.")
    provider: str = strawberry.field(description="The provider, such as `openai`.")
    base_url: str | None = strawberry.field(
        description="The address of the provider's API; null for the provider's own."
    )
    organization: str | None = strawberry.field(description="The organization named in each request.")
    project: str | None = strawberry.field(description="The project named in each request.")
    header_names: list[str] = strawberry.field(
        description="The names of the extra headers of each request, in alphabetical order."
    )
    key_ending: str = strawberry.field(
        description="The key's last four characters; empty for a key of less than sixteen."
    )
    key_changed_at: datetime = strawberry.field(description="When the key was set or rotated.")
    default_model: str | None = strawberry.field(
        description="The base model of a finetuning without one of its own; null for the server's default."
    )
    allowed_models: list[str] = strawberry.field(
        description="Shell patterns of the models to allow for training; empty allows all."
    )
    is_disabled: bool = strawberry.field(
        description="Whether the server makes no call with it: cancels wait until it is enabled again."
    )
    last_used_at: datetime | None = strawberry.field(
        description="When a call was last made with it, to about a minute; null before the first one."
    )
    last_refused_at: datetime | None = strawberry.field(
        description="When the provider last refused its key, to about a minute; null if it never did."
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(
        description="When it last changed; at first, when it was created."
    )
    metadata: StringMap | None = strawberry.field(description="A map of strings to strings kept with it.")
