"""The inputs of the mutations of provider accounts."""

from typing import Annotated, Any

import strawberry

from graphql_api.accounts.manage import NewProviderAccount
from graphql_api.schema.arguments import METADATA_RULES, optional
from graphql_api.schema.scalars import StringMap


def _secret(**given: Any) -> Any:
    """Return a field of the schema that no log or traceback shows."""
    secret = strawberry.field(**given)
    secret.repr = False
    return secret


@strawberry.input(description="A provider account to create. Its address cannot be changed later.")
class CreateProviderAccountInput:
    """The client's new account."""

    name: str = strawberry.field(
        description="The name people know it by, unique in the tenant, 1 to 200 characters; not `default`."
    )
    provider: str = strawberry.field(description="The provider, such as `openai`.")
    api_key: str = _secret(
        description="The provider's API key. It is stored encrypted and never shown again."
    )
    base_url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The address of an API that speaks the provider's wire; absent for the provider's own.",
    )
    organization: str | None = strawberry.field(
        default=strawberry.UNSET, description="The organization to name in each request."
    )
    project: str | None = strawberry.field(
        default=strawberry.UNSET, description="The project to name in each request."
    )
    headers: StringMap | None = _secret(
        default=strawberry.UNSET,
        description="Extra headers for each request, at most 16. Their values are stored encrypted and never "
        "shown.",
    )
    default_model: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The base model of a finetuning without one of its own; the server's default if absent.",
    )
    allowed_models: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Shell patterns of the models to allow for training, at most 100; absent or empty allows "
        "all.",
    )
    metadata: StringMap | None = strawberry.field(default=strawberry.UNSET, description=METADATA_RULES)

    def parsed(self) -> NewProviderAccount:
        """Return the input of the use case."""
        return NewProviderAccount(
            name=self.name,
            provider=self.provider,
            api_key=self.api_key,
            base_url=optional(self.base_url),
            organization=optional(self.organization),
            project=optional(self.project),
            headers=optional(self.headers),
            default_model=optional(self.default_model),
            allowed_models=optional(self.allowed_models),
            metadata=optional(self.metadata),
        )


@strawberry.input(description="Changes to a provider account; absent fields stay as they are.")
class UpdateProviderAccountInput:
    """The new values."""

    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name people know it by; not null."
    )
    default_model: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The base model of a finetuning without one of its own; null for the server's default.",
    )
    allowed_models: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Shell patterns of the models to allow for training; null or empty allows all.",
    )
    metadata: StringMap | None = strawberry.field(
        default=strawberry.UNSET, description=METADATA_RULES + " It replaces the old map; null removes it."
    )


@strawberry.input(description="A new key of a provider account.")
class RotateProviderAccountKeyInput:
    """The new credential."""

    api_key: str = _secret(
        description="The provider's API key. It is stored encrypted and never shown again."
    )
    headers: StringMap | None = _secret(
        default=strawberry.UNSET,
        description="Extra headers for each request, in place of the old ones; absent or null keeps them.",
    )


ProviderAccountId = Annotated[
    strawberry.ID, strawberry.argument(description="The provider account's id, 24 hexadecimal digits.")
]
NewAccount = Annotated[CreateProviderAccountInput, strawberry.argument(description="The new account.")]
Changes = Annotated[UpdateProviderAccountInput, strawberry.argument(description="The changes.")]
NewKey = Annotated[RotateProviderAccountKeyInput, strawberry.argument(description="The new key.")]
