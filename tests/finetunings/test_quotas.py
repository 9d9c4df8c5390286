"""The quotas of a tenant at the creation of a finetuning."""

import asyncio
from typing import Any

import pytest

from graphql_api.access.errors import QuotaExceededError
from graphql_api.documents import Finetuning
from graphql_api.errors import InsufficientGoldenRecordsError
from graphql_api.finetunings.create import CreateRequest, create
from graphql_api.store.quotas import COLLECTION, QuotaLimits, QuotaStore
from tests.world import POLICY, World


async def created(world: World, quotas: QuotaStore, connection: str, **given: Any) -> Finetuning | str:
    """Return the new finetuning, or the message of the refusal."""
    request = CreateRequest(db_connection_id=connection, **given)
    try:
        return await create(request, caller=world.caller, policy=POLICY, engine=world.engine, quotas=quotas)
    except QuotaExceededError as refused:
        return refused.message


FULL = "The quota of 1 live finetunings is used up; there is room again when one of them ends."


async def test_no_more_than_the_quota_is_stored(world: World) -> None:
    """Of twenty at once on two servers; the end of one makes room for one."""
    servers = [QuotaStore(world.database, QuotaLimits(live=1), now=world.clock.now) for _ in range(2)]
    connection = str((await world.connection()).id)
    found = await asyncio.gather(
        *(created(world, server, connection) for _ in range(10) for server in servers)
    )
    (first,) = await Finetuning.find_all().to_list()
    assert found.count(FULL) == 19
    await world.cancel(first)
    assert isinstance(await created(world, servers[0], connection), Finetuning)
    assert await created(world, servers[1], connection) == FULL


async def test_repetitions_of_one_creation_are_one(world: World) -> None:
    """At once and later, they all get the same finetuning, and the quota has room for another one."""
    quotas = QuotaStore(world.database, QuotaLimits(live=2, creates_a_day=2), now=world.clock.now)
    connection = str((await world.connection()).id)
    found = await asyncio.gather(
        *(created(world, quotas, connection, idempotency_key="once") for _ in range(10))
    )
    later = await created(world, quotas, connection, idempotency_key="once")
    assert {one.id for one in (*found, later) if isinstance(one, Finetuning)} == {
        one.id for one in await Finetuning.find_all().to_list()
    }
    assert isinstance(await created(world, quotas, connection, idempotency_key="other"), Finetuning)
    assert await Finetuning.find_all().count() == 2


async def test_a_refused_creation_counts_nothing(world: World) -> None:
    """Neither one that is refused for its golden records, nor one that is refused by the quota."""
    quotas = QuotaStore(world.database, QuotaLimits(creates_a_day=1), now=world.clock.now)
    empty = str((await world.connection(golden_records=0)).id)
    with pytest.raises(InsufficientGoldenRecordsError):
        await created(world, quotas, empty)
    assert await world.database[COLLECTION].find_one() is None
    connection = str((await world.connection()).id)
    assert isinstance(await created(world, quotas, connection), Finetuning)
    refused = [await created(world, quotas, connection) for _ in range(2)]
    assert (
        refused
        == ["The quota of 1 creations a day is used up; there is room again at 2126-01-02T00:00:00+00:00."]
        * 2
    )
    stored = await world.database[COLLECTION].find_one({"_id": "default"})
    assert stored is not None
    assert (stored["creates"], await Finetuning.find_all().count()) == (1, 1)
