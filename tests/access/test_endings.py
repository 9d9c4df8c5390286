"""The end of a credential reaches the connections that it opened."""

import asyncio
from datetime import UTC, datetime, timedelta

from graphql_api.access.endings import Endings
from graphql_api.caller import ANONYMOUS, Caller

ADA = Caller(subject="ada", credential_id="a")
BOB = Caller(subject="bob", credential_id="b")


async def test_an_end_reaches_all_connections_of_one_credential(endings: Endings) -> None:
    """And those of no other."""
    with endings.watch(ADA) as first, endings.watch(ADA) as second, endings.watch(BOB) as other:
        assert endings.watched == {"a", "b"}
        endings.end("a")
        assert (first.is_set(), second.is_set(), other.is_set()) == (True, True, False)
    assert endings.watched == frozenset()


async def test_a_connection_ends_when_its_credential_expires(endings: Endings) -> None:
    """By a timer, without a look at the database."""
    soon = Caller(credential_id="a", expires_at=datetime.now(UTC) + timedelta(seconds=0.05))
    with endings.watch(soon) as ended:
        assert not ended.is_set()
        await asyncio.wait_for(ended.wait(), timeout=10)


async def test_an_expired_credential_has_ended_already(endings: Endings) -> None:
    """It may expire between its check and the watch."""
    gone = Caller(credential_id="a", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with endings.watch(gone) as ended:
        await asyncio.wait_for(ended.wait(), timeout=10)


async def test_the_anonymous_caller_is_not_watched(endings: Endings) -> None:
    """It has no credential."""
    with endings.watch(ANONYMOUS) as ended:
        assert endings.watched == frozenset()
        assert not ended.is_set()
