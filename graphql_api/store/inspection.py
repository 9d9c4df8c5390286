"""Looks at a MongoDB as ``opening`` does, and leaves nothing in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from graphql_api.store.database import Database, bound
from graphql_api.store.indexes import find_conflict
from graphql_api.store.opening import Access, prepared
from graphql_api.store.suitability import Remark


@asynccontextmanager
async def inspected(access: Access) -> AsyncIterator[Remark | None]:
    """Yield any remark on a usable MongoDB, with the documents bound; raises ``UnusableMongodbError``.

    A write with a majority's acknowledgement and a majority read have succeeded, in a collection that is gone
    again. No index is created, and one in another form is found.
    """
    async with prepared(access, by=_looked_at) as (_, remark, _):
        yield remark


async def _looked_at(database: Database) -> None:
    await _try_a_write(database)
    for collection, indexes in await bound(database):
        await find_conflict(collection, indexes)


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
