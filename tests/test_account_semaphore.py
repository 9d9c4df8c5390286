"""A semaphore for each account."""

import asyncio

import pytest

from graphql_api.account_semaphore import AccountSemaphore


async def test_each_account_has_its_own() -> None:
    """One more of the same account waits for a release; another account does not wait."""
    semaphore = AccountSemaphore(2)
    first, second, third = [asyncio.create_task(semaphore.acquire("one")) for _ in range(3)]
    await asyncio.sleep(0)
    assert [task.done() for task in (first, second, third)] == [True, True, False]
    await semaphore.acquire("another")
    semaphore.release("one")
    await third


async def test_who_leaves_while_it_waits_takes_nothing() -> None:
    """The next one goes on, and nothing is kept of an account in the end."""
    semaphore = AccountSemaphore(1)
    await semaphore.acquire("one")
    second, third = [asyncio.create_task(semaphore.acquire("one")) for _ in range(2)]
    await asyncio.sleep(0)
    second.cancel()
    semaphore.release("one")
    with pytest.raises(asyncio.CancelledError):
        await second
    await third
    assert semaphore.accounts == 1
    semaphore.release("one")
    assert semaphore.accounts == 0
