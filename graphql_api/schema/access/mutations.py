"""The mutations of API keys."""

from datetime import UTC, datetime
from typing import Annotated, cast

import strawberry

from graphql_api import inputs
from graphql_api.access.errors import ApiKeyNotFoundError, ApiKeysOffError
from graphql_api.access.keys import ApiKeys
from graphql_api.documents import ApiKey
from graphql_api.errors import BadUserInputError
from graphql_api.schema.access.types import ApiKeyType
from graphql_api.schema.arguments import optional
from graphql_api.schema.context import Info
from graphql_api.schema.requires import requires
from graphql_api.scopes import Scope
from graphql_api.tenancy import TenantScope


@strawberry.input(description="An API key to make.")
class CreateApiKeyInput:
    """The new key's name, rights and end."""

    name: str = strawberry.field(
        description="Its name for people, 1 to 200 characters: the subject of its calls."
    )
    scopes: list[str] = strawberry.field(description="What the key may do, such as `finetunings:cancel`.")
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it ends; absent for a key without an end."
    )


@strawberry.type(description="A new API key.")
class CreateApiKeyPayload:
    """The answer of the mutation."""

    key: str = strawberry.field(description="The key itself. It is shown here and never again.")
    api_key: ApiKeyType = strawberry.field(description="The key without its secret.")


NewKey = Annotated[CreateApiKeyInput, strawberry.argument(description="The new key.")]
ApiKeyId = Annotated[strawberry.ID, strawberry.argument(description="The key's id, 24 hexadecimal digits.")]


@strawberry.type
class ApiKeyMutation:
    """The changes to a tenant's keys."""

    @strawberry.mutation(
        directives=requires(Scope.ADMIN), description="Make an API key for the caller's tenant."
    )
    async def create_api_key(self, info: Info, input: NewKey) -> CreateApiKeyPayload:  # noqa: A002  the argument's name in the schema
        """Store the key and return it, secret included."""
        key, stored = await _keys(info).issue(
            scope=TenantScope.of(info.context.caller),
            name=inputs.text(input.name, name="name", longest=inputs.LONGEST_ALIAS),
            scopes=inputs.scopes(input.scopes),
            expires_at=_future(optional(input.expires_at)),
        )
        shown = cast("ApiKeyType", stored)  # its attributes are read, not its class
        return CreateApiKeyPayload(key=key.text, api_key=shown)

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        graphql_type=ApiKeyType,
        description="Revoke an API key of the caller's tenant. Within a second every server refuses it, and "
        "within two its open connections are closed. Asking again is safe.",
    )
    async def revoke_api_key(self, info: Info, api_key_id: ApiKeyId) -> ApiKey:
        """End the key and return it."""
        document_id = inputs.object_id(api_key_id, name="apiKeyId")
        revoked = await _keys(info).revoke(document_id, scope=TenantScope.of(info.context.caller))
        if revoked is None:
            raise ApiKeyNotFoundError(api_key_id)
        return revoked


def _keys(info: Info) -> ApiKeys:
    keys = info.context.services.keys
    if keys is None:
        raise ApiKeysOffError
    return keys


def _future(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if aware <= datetime.now(UTC):
        raise BadUserInputError("expiresAt must be in the future.", argument="expiresAt")
    return aware
