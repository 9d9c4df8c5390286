"""Searches without an index, and requests with many fields: neither takes all that MongoDB has."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import monitoring

from graphql_api.store import guard
from graphql_api.store.database import Database, guard_of
from graphql_api.store.guard import Lane
from tests.schema.conftest import Client, many
from tests.watched import Watcher, watched_by

SEARCH = 'goldenRecords(filter: {text: "a"}) { nodes { id } }'


class Counter(Watcher):
    """Notes how many operations are under way as each command starts, and the command's time limit."""

    def __init__(self) -> None:
        super().__init__()
        self.running: Any = ()
        self.most = 0
        self.limits: list[Any] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Note it."""
        super().started(event)
        self.most = max(self.most, len(self.running))
        self.limits.append(event.command.get("maxTimeMS"))


@pytest.fixture
def watcher() -> Counter:
    """Return a watcher that counts."""
    return Counter()


@pytest.fixture
def search_s() -> float:
    """Return the longest time of a search."""
    return guard.SEARCH_S


@pytest.fixture
async def database(watcher: Counter, mongodb_uri: str, search_s: float) -> AsyncIterator[Database]:
    """Yield a watched database."""
    async with watched_by(watcher, mongodb_uri, search_s=search_s) as database:
        yield database


async def test_a_search_is_limited_to_a_second_by_mongodb_itself(client: Client, watcher: Counter) -> None:
    """Other queries keep the limit of the client, and this one has none."""
    for query, is_limited in (
        (SEARCH, True),
        ('dbConnections(filter: {alias: "a"}) { pageInfo { endCursor } }', True),
        ("goldenRecords(filter: {hasWarnings: true}) { nodes { id } }", False),
    ):
        watcher.limits.clear()
        await client.data(f"{{ {query} }}")
        (limit,) = watcher.limits
        assert (limit is not None and 0 < limit <= 1_000) == is_limited


@pytest.mark.parametrize("search_s", [1e-9])
async def test_a_search_that_takes_too_long_says_so(client: Client) -> None:
    """With a code of its own: the database answers others."""
    assert (await client.refusal(f"{{ {SEARCH} }}"))["code"] == "SEARCH_TOO_SLOW"
    assert await client.data("{ goldenRecords { nodes { id } } }") == {"goldenRecords": {"nodes": []}}


async def test_a_request_has_few_queries_under_way_at_once(
    client: Client, watcher: Counter, database: Database
) -> None:
    """All hundred fields are answered, eight at a time."""
    watcher.running = guard_of(database)._traffic[Lane.ORDINARY].running
    query = f"{{ {many(100, 'finetunings(first: 1) { pageInfo { endCursor } }')} }}"
    assert len(await client.data(query)) == 100
    assert watcher.most == guard.AT_ONCE
    assert len([one for one in watcher.seen if one == ("find", "finetunings")]) == 100
