"""Tenants with provider accounts, each at an endpoint of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from graphql_api.accounts.manage import NewProviderAccount, create_account
from graphql_api.caller import Caller
from graphql_api.documents import Finetuning, ProviderAccount
from graphql_api.sandbox.openai import SandboxServer
from graphql_api.sandbox.openai.account import Account
from graphql_api.sandbox.openai.sandbox import Sandbox
from tests.world import World

KEY = "sk-of-a-tenant-0123"


async def account_of(world: World, *, caller: Caller | None = None, **given: object) -> ProviderAccount:
    """Create an account for the world's caller or another one."""
    new = NewProviderAccount(**{"name": "theirs", "provider": "openai", "api_key": KEY, **given})  # type: ignore[arg-type]  # a test may give anything
    return await create_account(new, caller=caller or world.caller, accounts=world.engine.accounts)


@asynccontextmanager
async def endpoint(world: World, *, api_key: str = KEY) -> AsyncIterator[tuple[Sandbox, SandboxServer]]:
    """Serve one more provider, which takes this key alone, and yield it with its server."""
    sandbox = Sandbox(account=Account(clock=world.provider_clock), api_key=api_key)
    async with SandboxServer(sandbox) as server:
        yield sandbox, server


async def training(world: World, account: ProviderAccount | None, *, caller: Caller) -> Finetuning:
    """Return a finetuning of this caller that trains under the account."""
    theirs = replace(world, caller=caller)
    return await theirs.created_and_training(provider_account_id=account and str(account.id))
