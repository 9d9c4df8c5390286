"""The look-ups of one request: one query for each kind, in the order of the questions."""

import pytest

from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.schema.loaders import document_loader
from graphql_api.store.database import Database
from graphql_api.tenancy import TenantScope
from tests.watched import Watcher
from tests.world import World


@pytest.fixture
def database(watched_database: Database) -> Database:
    """Return the watched database."""
    return watched_database


async def test_documents_come_in_the_order_of_the_questions(world: World, watcher: Watcher) -> None:
    """Of two kinds, one twice, one of nobody, one without a part: four answers, three queries."""
    connection = await world.connection(golden_records=1)
    (record,) = await GoldenRecord.find_all().to_list()
    loader = document_loader(TenantScope.of(world.caller))
    watcher.seen.clear()
    found = await loader.load_many(
        [
            (GoldenRecord, record.id, ()),
            (DbConnection, connection.id, ()),
            (DbConnection, record.id, ()),
            (DbConnection, connection.id, ("table_schemas",)),
        ]
    )
    assert [one and one.id for one in found] == [record.id, connection.id, None, connection.id]
    whole, part = found[1], found[3]
    assert isinstance(whole, DbConnection)
    assert isinstance(part, DbConnection)
    assert (len(whole.table_schemas), part.table_schemas) == (1, [])
    assert sorted(watcher.seen) == [
        ("find", "db_connections"),
        ("find", "db_connections"),
        ("find", "golden_records"),
    ]


async def test_another_tenant_loads_nothing(world: World) -> None:
    """The loader has its tenant from the start."""
    connection = await world.connection(golden_records=0)
    assert await document_loader(TenantScope("acme")).load((DbConnection, connection.id, ())) is None
