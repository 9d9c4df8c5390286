"""The mutations of provider accounts."""

from datetime import datetime

import strawberry

from graphql_api.accounts.manage import (
    create_account,
    delete_account,
    rotate_key,
    set_disabled,
    update_account,
)
from graphql_api.accounts.trial import Finding, try_account
from graphql_api.documents import ProviderAccount
from graphql_api.schema.arguments import given, optional
from graphql_api.schema.context import Info
from graphql_api.schema.enums import described_enum
from graphql_api.schema.provider_account.inputs import Changes, NewAccount, NewKey, ProviderAccountId
from graphql_api.schema.provider_account.types import ProviderAccountType
from graphql_api.schema.requires import requires
from graphql_api.scopes import Scope

described_enum(
    Finding,
    description="What a trial of a provider account found.",
    values={
        Finding.OK: "The provider listed the account's jobs.",
        Finding.DISABLED: "The account is disabled, so no call was made.",
        Finding.KEY_REFUSED: "The provider refused the key.",
        Finding.NOT_ALLOWED: "The provider knows the key, and it may not list fine-tuning jobs.",
        Finding.UNREACHABLE: "The address could not be reached.",
        Finding.CLOCK: "The certificate is not valid now: this server's clock or the certificate is wrong.",
        Finding.NOT_THIS_WIRE: "The address answers, and does not speak this provider's API.",
        Finding.FAILED: "The provider failed, or asks to wait.",
        Finding.SEALED: "None of the server's CREDENTIAL_KEYS opens the credential.",
    },
)


@strawberry.type(description="What a trial of a provider account found.")
class TestProviderAccountPayload:
    """The answer of the mutation."""

    __test__ = False  # for pytest: it is no test

    finding: Finding = strawberry.field(description="The finding in one word.")
    message: str = strawberry.field(description="The finding in one sentence.")


@strawberry.type(description="The outcome of the deletion of a provider account.")
class DeleteProviderAccountPayload:
    """The answer of the mutation."""

    provider_account_id: strawberry.ID = strawberry.field(description="The deleted account.")
    deleted_at: datetime = strawberry.field(
        description="When it was deleted. For thirty days, asking again gives the same answer."
    )


@strawberry.type
class ProviderAccountMutation:
    """The changes to provider accounts."""

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        graphql_type=ProviderAccountType,
        description="Create a provider account. No call is made to the provider.",
    )
    async def create_provider_account(self, info: Info, input: NewAccount) -> ProviderAccount:  # noqa: A002  the argument's name in the schema
        """Store the account and return it."""
        accounts = info.context.services.engine.accounts
        return await create_account(input.parsed(), caller=info.context.caller, accounts=accounts)

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        graphql_type=ProviderAccountType,
        description="Change a provider account.",
    )
    async def update_provider_account(
        self,
        info: Info,
        provider_account_id: ProviderAccountId,
        input: Changes,  # noqa: A002  the argument's name in the schema
    ) -> ProviderAccount:
        """Set the given fields and return the account."""
        return await update_account(provider_account_id, given(input), caller=info.context.caller)

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        graphql_type=ProviderAccountType,
        description="Replace the key of a provider account, for its jobs under way, too. "
        "Every server uses the new one from its next call on.",
    )
    async def rotate_provider_account_key(
        self,
        info: Info,
        provider_account_id: ProviderAccountId,
        input: NewKey,  # noqa: A002  the argument's name in the schema
    ) -> ProviderAccount:
        """Store the new credential and return the account."""
        services = info.context.services
        rotated = await rotate_key(
            provider_account_id,
            input.api_key,
            headers=optional(input.headers),
            caller=info.context.caller,
            accounts=services.engine.accounts,
        )
        await services.engine.upkeep.wake(rotated.id)
        services.wake_worker()
        return rotated

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        graphql_type=ProviderAccountType,
        description="Disable a provider account: no server makes a call with it. Its jobs go on at the "
        "provider; a cancel of one stays `REQUESTED` until the account is enabled. Asking again is safe.",
    )
    async def disable_provider_account(
        self, info: Info, provider_account_id: ProviderAccountId
    ) -> ProviderAccount:
        """Disable the account and return it."""
        return await set_disabled(provider_account_id, disabled=True, caller=info.context.caller)

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        graphql_type=ProviderAccountType,
        description="Enable a provider account; what waited for it goes on. Asking again is safe.",
    )
    async def enable_provider_account(
        self, info: Info, provider_account_id: ProviderAccountId
    ) -> ProviderAccount:
        """Enable the account, wake the worker, and return the account."""
        services = info.context.services
        enabled = await set_disabled(provider_account_id, disabled=False, caller=info.context.caller)
        await services.engine.upkeep.wake(enabled.id)
        services.wake_worker()
        return enabled

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        description="Delete a provider account with its credential. Refused with "
        "PROVIDER_ACCOUNT_IN_USE if a finetuning still needs it. Asking again is safe.",
    )
    async def delete_provider_account(
        self, info: Info, provider_account_id: ProviderAccountId
    ) -> DeleteProviderAccountPayload:
        """Delete the account and return the time."""
        deleted_at = await delete_account(provider_account_id, caller=info.context.caller)
        return DeleteProviderAccountPayload(provider_account_id=provider_account_id, deleted_at=deleted_at)

    @strawberry.mutation(
        directives=requires(Scope.ADMIN),
        description="Try a provider account: ask the provider for its newest jobs, which costs nothing.",
    )
    async def test_provider_account(
        self, info: Info, provider_account_id: ProviderAccountId
    ) -> TestProviderAccountPayload:
        """Return what the trial found."""
        accounts = info.context.services.engine.accounts
        finding, message = await try_account(
            provider_account_id, caller=info.context.caller, accounts=accounts
        )
        return TestProviderAccountPayload(finding=finding, message=message)
