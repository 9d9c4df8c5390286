"""A subscription sends what is new in the selected fields, and nothing twice."""

import asyncio
from collections.abc import Callable
from typing import Any

from graphql_api.catalogue.db_connections import update_db_connection
from graphql_api.documents import Finetuning, FinetuningStatus
from graphql_api.finetunings.update import update
from tests.schema.conftest import Client
from tests.schema.finetuning.test_subscriptions import Results, following, next_of
from tests.stages import ask

STATUS = "subscription($id: ID) { finetuningUpdated(finetuningId: $id) { status } }"
VERSION = "subscription($id: ID) { finetuningUpdated(finetuningId: $id) { status version } }"


async def next_change(client: Client, finetuning: Finetuning) -> None:
    """Let time go on until the finetuning has changed."""
    before = (await client.world.read(finetuning)).version
    while (await client.world.read(finetuning)).version == before:
        client.world.advance(11)
        await client.world.work()


async def collect(results: Results, into: list[dict[str, Any]]) -> None:
    """Take each result as it comes."""
    while True:
        into.append(await next_of(results))


async def until(has_come: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(20):
        while not has_come():  # noqa: ASYNC110 - the feed announces nothing
            await asyncio.sleep(0.005)


async def test_a_client_of_the_status_is_told_each_status_once(client: Client) -> None:
    """Beside it, a client of the version is told every change of a whole training."""
    created = await client.world.create()
    one, told = {"id": str(created.id)}, {query: list[dict[str, Any]]() for query in (STATUS, VERSION)}
    async with following(client, STATUS, **one) as short, following(client, VERSION, **one) as long:
        tasks = [asyncio.create_task(collect(short, told[STATUS]))]
        tasks.append(asyncio.create_task(collect(long, told[VERSION])))
        await until(lambda: all(told.values()))
        while (latest := await client.world.read(created)).status is not FinetuningStatus.SUCCEEDED:
            await until(lambda: told[VERSION][-1]["version"] == latest.version)
            await next_change(client, created)
        await update(str(created.id), {"alias": "b"}, caller=client.caller, engine=client.world.engine)
        last = (await client.world.read(created)).version
        await until(lambda: told[VERSION][-1]["version"] == last)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    statuses = [result["status"] for result in told[STATUS]]
    assert statuses == list(dict.fromkeys(result["status"] for result in told[VERSION]))
    assert len(told[VERSION]) > len(statuses) >= 3


async def test_the_first_result_always_comes(client: Client) -> None:
    """To a second client, and to a client that subscribes again."""
    created = await client.world.create()
    for _ in range(2):
        async with following(client, STATUS, id=str(created.id)) as results:
            assert await next_of(results) == {"status": "QUEUED"}


async def test_each_finetuning_of_a_list_is_told_apart(client: Client) -> None:
    """Two with the same words are two, even if the client does not select which is which."""
    first, second = await client.world.create(), await client.world.create()
    async with following(client, STATUS) as results:
        waiting = asyncio.create_task(next_of(results))
        while not client.feed._listening:  # noqa: ASYNC110 - the feed announces nothing
            await asyncio.sleep(0)
        await ask(client.world, first)
        assert await waiting == {"status": "CANCELLED"}
        await update(str(first.id), {"alias": "b"}, caller=client.caller, engine=client.world.engine)
        await ask(client.world, second)
        assert await next_of(results) == {"status": "CANCELLED"}
        third = await client.world.create()
        assert await next_of(results) == {"status": "QUEUED"}
        assert third.id not in {first.id, second.id}


async def test_a_renamed_connection_is_told_with_its_new_name(client: Client) -> None:
    """Each result is read anew: what an earlier one has read is not kept."""
    created = await client.world.create()
    query = "subscription($id: ID) { finetuningUpdated(finetuningId: $id) { dbConnection { alias } } }"
    async with following(client, query, id=str(created.id)) as results:
        assert await next_of(results) == {"dbConnection": {"alias": "library"}}
        connection = str(created.db_connection_id)
        await update_db_connection(connection, {"alias": "archive"}, caller=client.caller)
        await update(str(created.id), {"alias": "b"}, caller=client.caller, engine=client.world.engine)
        assert await next_of(results) == {"dbConnection": {"alias": "archive"}}
