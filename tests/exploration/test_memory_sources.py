"""The twins of the sources agree with MongoDB.

They are the catalogue and the remembered webhooks.
"""

from beanie import PydanticObjectId

from exploration.memory_sources import MemoryDeliveries, MemorySources
from exploration.provider import START
from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.store.database import Database
from graphql_api.store.training_data import Sources
from graphql_api.store.webhook_deliveries import Deliveries
from graphql_api.tenancy import TenantScope
from tests.training_texts import examples_in

TENANTS = ["default", "other"]


async def stored() -> tuple[list[DbConnection], list[GoldenRecord]]:
    """Store a connection of each of two tenants, with golden records all made at one moment."""
    connections = [
        await DbConnection(
            tenant=tenant, alias="a", dialect="sqlite", created_at=START, updated_at=START
        ).insert()
        for tenant in TENANTS
    ]
    records = [
        await GoldenRecord(
            tenant=connection.tenant,
            db_connection_id=connection.id,
            prompt_text=f"{number} \u65e5",
            sql="SELECT 1",
            digest=f"{number}",
            exact_digest=f"{number}",
            created_at=START,
            updated_at=START,
        ).insert()
        for number in range(3)
        for connection in connections
    ]
    return connections, records


async def test_the_catalogue_answers_as_mongodb_does(database: Database) -> None:
    """Connections by id and tenant, records of one connection by their ids, in the same order."""
    connections, records = await stored()
    real, memory = Sources(), MemorySources(connections, records[::-1])
    unknown = PydanticObjectId()
    for connection_id in [connections[0].id, connections[1].id, unknown]:
        for tenant in TENANTS:
            expected = await real.find_connection(connection_id, scope=TenantScope(tenant))
            assert await memory.find_connection(connection_id, scope=TenantScope(tenant)) == expected
    for connection in connections:
        for ids in [None, [], [unknown], [one.id for one in records[::-1]], [records[0].id, unknown]]:
            extent = await real.extent(connection, ids)
            assert await memory.extent(connection, ids) == extent
            examples = await examples_in(real, connection, ids)
            assert await examples_in(memory, connection, ids) == examples
            if ids is not None:
                known = await real.known_ids(connection, ids)
                assert await memory.known_ids(connection, ids) == known == {one.id for one in examples}


async def test_deliveries_are_remembered_as_in_mongodb(database: Database) -> None:
    """One is known from when it was remembered, however often that is."""
    for deliveries in (Deliveries(), MemoryDeliveries()):
        known = [await deliveries.has("evt_1")]
        for _ in range(2):
            await deliveries.remember("evt_1")
            known.append(await deliveries.has("evt_1"))
        assert (known, await deliveries.has("evt_2")) == ([False, True, True], False)
