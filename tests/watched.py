"""The commands that MongoDB gets from a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from pymongo import AsyncMongoClient, monitoring

from graphql_api.store.database import Client, Database, initialise
from graphql_api.store.guard import SEARCH_S, Guard, Lane
from graphql_api.store.guarded import GuardedClient

Seen = tuple[str, str]
"""A command and the collection that it is about."""


class Watcher(monitoring.CommandListener):
    """Writes down every command as it starts, and the number of calls at the provider by then."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.provider_calls: list[int] = []
        self.count_provider_calls: Any = lambda: 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Write the command down."""
        self.seen.append((event.command_name, str(event.command[event.command_name])))
        self.provider_calls.append(self.count_provider_calls())

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Ignore it."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Ignore it."""


@asynccontextmanager
async def watched_by(
    watcher: Watcher, mongodb_uri: str, *, search_s: float = SEARCH_S
) -> AsyncIterator[Database]:
    """Yield an initialised database with a watched client, empty before and after."""
    watched: Client = AsyncMongoClient(
        mongodb_uri, tz_aware=True, w="majority", journal=True, event_listeners=[watcher]
    )
    guard = Guard(timeout_s=10, search_s=search_s)
    async with cast(Client, GuardedClient(watched, guard, Lane.ORDINARY)) as client:
        database = client["watched"]
        await initialise(database)
        yield database
        for name in await database.list_collection_names():
            await database[name].delete_many({})
