"""Places for a few requests of each account."""

import asyncio

import pytest

from graphql_api.http.places import Place, Places


def asking(places: Places, count: int, *, account: str = "one") -> list[asyncio.Task[Place]]:
    """Return so many tasks that wait for a place each."""
    return [asyncio.create_task(places.take(account)) for _ in range(count)]


async def test_an_account_has_a_few_places() -> None:
    """One more waits until a place is given back; another account does not wait."""
    places = Places(at_once=2, longest_s=3_600)
    first, second, third = asking(places, 3)
    await asyncio.sleep(0)
    assert [task.done() for task in (first, second, third)] == [True, True, False]
    await places.take("another")
    first.result().give_back()
    await third


async def test_a_place_is_kept_for_a_short_time() -> None:
    """A request that waits for the provider makes room for others."""
    loop = asyncio.get_running_loop()
    first, second = asking(Places(at_once=1, longest_s=0.05), 2)
    began = loop.time()
    await second
    assert loop.time() - began >= 0.045
    first.result().give_back()


async def test_a_place_is_given_back_once() -> None:
    """A second time frees nobody else's place."""
    first, second, third = asking(Places(at_once=1, longest_s=3_600), 3)
    await asyncio.sleep(0)
    first.result().give_back()
    await second
    first.result().give_back()
    await asyncio.sleep(0)
    assert not third.done()
    second.result().give_back()
    await third


async def test_a_request_that_ends_while_it_waits_takes_no_place() -> None:
    """The next one gets it."""
    places = Places(at_once=1, longest_s=3_600)
    first, second, third = asking(places, 3)
    await asyncio.sleep(0)
    second.cancel()
    first.result().give_back()
    with pytest.raises(asyncio.CancelledError):
        await second
    (await third).give_back()
    assert places.accounts == 0


async def test_nothing_is_kept_of_an_account_without_requests() -> None:
    """Else each address ever seen would stay in memory."""
    places = Places()
    for number in range(50):
        (await places.take(str(number))).give_back()
    assert places.accounts == 0
