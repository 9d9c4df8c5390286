"""Looks at a MongoDB as ``opening`` does, and leaves nothing in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from graphql_api.store.database import Database, bound, connect
from graphql_api.store.indexes import find_conflict
from graphql_api.store.opening import Access, examined, in_one_line
from graphql_api.store.suitability import Remark


@asynccontextmanager
async def inspected(access: Access) -> AsyncIterator[Remark | None]:
    """Yield any remark on a usable MongoDB, with the documents bound; raises ``UnusableMongodbError``.

    A write with a majority's acknowledgement and a majority read have succeeded, in a collection that is gone
    again. No index is created, and one in another form is found.
    """
    with in_one_line(access):
        client = connect(access.uri, timeout_s=access.timeout_s)
    async with client:
        with in_one_line(access):
            database = client[access.database]
            remark = await examined(database, access.uri)
            await _try_a_write(database)
            for collection, indexes in await bound(database):
                await find_conflict(collection, indexes)
        yield remark


async def _try_a_write(database: Database) -> None:
    """Write and read as the server does, in a collection of its own.

    With its only collection, a database is gone, too.
    """
    trial = database[f"check_{uuid4().hex}"]
    try:
        await trial.insert_one({})
        await trial.find_one()
    finally:
        await trial.drop()
