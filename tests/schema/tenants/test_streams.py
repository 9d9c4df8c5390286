"""Streams of one tenant beside the changes of another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from beanie import PydanticObjectId

from graphql_api.documents import Finetuning
from graphql_api.finetunings.update import update
from tests.schema.conftest import Client
from tests.schema.finetuning.test_subscriptions import UPDATED
from tests.schema.tenants.estate import Estate


async def changed(estate: Estate, name: str, *, alias: str) -> None:
    """Change a finetuning of the tenant."""
    client, finetuning_id = estate.client, estate.names[name][0].text
    await update(finetuning_id, {"alias": alias}, caller=client.caller, engine=client.world.engine)


@asynccontextmanager
async def first_told(client: Client, **variables: str) -> AsyncIterator["asyncio.Task[Any]"]:
    """Subscribe; yield the wait for the first result as soon as no change can be missed."""
    context = client.context()
    results = await client.schema.subscribe(UPDATED, variable_values=variables, context_value=context)
    async with aclosing(results), asyncio.timeout(20):
        first = asyncio.create_task(anext(results))
        await context.started.wait()
        yield first


async def test_a_stream_of_all_leaves_another_tenants_out(mine: Estate, theirs: Estate) -> None:
    """The first change that it tells is the tenant's own, though the other's came earlier."""
    async with first_told(mine.client) as first:
        await changed(theirs, "training", alias="acme's change")
        await changed(mine, "training", alias="bolt's change")
        assert (await first).data["finetuningUpdated"]["alias"] == "bolt's change"


async def test_a_stream_of_another_tenants_connection_leaves_its_finetunings_out(
    mine: Estate, theirs: Estate
) -> None:
    """Even a finetuning of one's own that names this connection is told, but none of the other tenant."""
    connection = theirs.names["connection"][0].text
    await Finetuning.get_pymongo_collection().update_one(
        {"_id": PydanticObjectId(mine.names["training"][0].text)},
        {"$set": {"db_connection_id": PydanticObjectId(connection)}},
    )
    async with first_told(mine.client, connection=connection) as first:
        await changed(theirs, "training", alias="acme's change")
        await changed(mine, "training", alias="bolt's change")
        assert (await first).data["finetuningUpdated"]["alias"] == "bolt's change"
