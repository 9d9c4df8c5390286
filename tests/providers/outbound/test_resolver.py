"""The machine's own resolver."""

import threading

from graphql_api.providers.outbound.resolver import SystemResolver


async def test_an_address_is_told_once() -> None:
    """An address is its own answer, without the DNS."""
    assert await SystemResolver()("127.0.0.1", 443) == ["127.0.0.1"]
    assert await SystemResolver()("::1", 443) == ["::1"]


async def test_names_are_looked_up_in_threads_of_their_own() -> None:
    """Those of asyncio stay free for the rest of the server."""
    resolver, before = SystemResolver(), set(threading.enumerate())
    assert "127.0.0.1" in await resolver("localhost", 443)
    assert [thread.name for thread in set(threading.enumerate()) - before] == ["resolver_0"]
