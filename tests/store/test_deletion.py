"""The deletion of what finetunings are made from: to its end, or not at all."""

import asyncio

import pytest
from bson import ObjectId

from graphql_api.documents import ProviderAccount
from graphql_api.store import catalogue
from graphql_api.store.deletion import StillUsedError, delete_unused, to_its_end
from graphql_api.tenancy import TenantScope
from tests.accounts.stage import account_of
from tests.world import World


async def unused(_: ObjectId, *, scope: TenantScope) -> list[str]:
    """Find no user."""
    return []


async def test_a_used_document_stays_as_it_is(world: World) -> None:
    """The mark is gone again, so that new work can begin with it."""
    account, scope = await account_of(world), TenantScope.of(world.caller)

    async def used(document_id: ObjectId, *, scope: TenantScope) -> list[str]:
        assert not await catalogue.is_usable(ProviderAccount, document_id, scope=scope)
        return ["a finetuning"]

    with pytest.raises(StillUsedError) as refused:
        await delete_unused(ProviderAccount, account.id, scope=scope, find_users=used)
    assert refused.value.users == ["a finetuning"]
    assert await catalogue.is_usable(ProviderAccount, account.id, scope=scope)


async def test_a_look_that_was_too_early_is_repeated(world: World) -> None:
    """Another deletion took the mark in between."""
    account, scope = await account_of(world), TenantScope.of(world.caller)
    looks = 0

    async def overtaken(document_id: ObjectId, *, scope: TenantScope) -> list[str]:
        nonlocal looks
        looks += 1
        if looks == 1:
            await catalogue.mark_for_deletion(ProviderAccount, document_id, scope=scope, token="another")
        return []

    assert await delete_unused(ProviderAccount, account.id, scope=scope, find_users=overtaken)
    assert looks == 2


async def test_what_is_not_there_is_not_deleted(world: World) -> None:
    """Nor what another tenant has."""
    account = await account_of(world)
    for document_id, tenant in ((ObjectId(), world.caller.tenant), (account.id, "other")):
        scope = TenantScope(tenant)
        assert await delete_unused(ProviderAccount, document_id, scope=scope, find_users=unused) is None


async def test_a_deletion_goes_on_without_its_caller(world: World) -> None:
    """The caller's cancellation comes through after it."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def deleting() -> None:
        begun.set()
        await go_on.wait()
        ended.set()

    caller = asyncio.create_task(to_its_end(deleting()))  # type: ignore[arg-type]  # it returns no time
    await begun.wait()
    caller.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended.is_set()
