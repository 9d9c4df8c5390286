"""The command behind ``make run``, in its own process.

It has the sample data and nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from pymongo import AsyncMongoClient

from processes.nursery import Nursery
from tests.processes.command import ended, forked


@asynccontextmanager
async def serving_samples(mongodb_uri: str, nursery: Nursery, directory: Path) -> AsyncIterator[str]:
    """Serve and yield the URL; at the end the process and its data are gone."""
    database = f"graphiql_{uuid4().hex}"
    try:
        async with ended(forked(nursery, directory, measured=False)) as commands:
            server = commands.start(
                "serve", "--sandbox", "--sample-data", mongodb_uri=mongodb_uri, mongodb_database=database
            )
            yield await server.url()
    finally:
        async with AsyncMongoClient[dict[str, object]](mongodb_uri) as client:
            await client.drop_database(database)
