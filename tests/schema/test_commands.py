"""The commands at MongoDB and the provider.

An operation sends exactly the ones it needs, and a reader sends no others.
"""

from collections.abc import Iterator

import pytest

from graphql_api.store.database import Database
from tests.schema.conftest import Client, minutes, store_finetunings
from tests.watched import Watcher


@pytest.fixture
def database(watched_database: Database) -> Database:
    """Return the watched database."""
    return watched_database


@pytest.fixture
def watched(client: Client, watcher: Watcher) -> Iterator[Client]:
    """Yield a client with its commands and provider calls watched together."""
    watcher.count_provider_calls = lambda: len(client.world.sandbox.calls.find())
    yield client
    watcher.count_provider_calls = lambda: 0


CANCEL = "mutation Cancel($id: ID!) { cancelFinetuning(finetuningId: $id) { status cancellation { phase } } }"
CANCELLED = {"cancelFinetuning": {"status": "CANCELLED", "cancellation": {"phase": "CONFIRMED"}}}
CANCEL_MANY = "mutation Cancel($ids: [ID!]) { cancelFinetunings(finetuningIds: $ids) { count } }"
MODIFY = ("findAndModify", "finetunings")
PAGE = """
query Page { finetunings(first: 50) { nodes {
  id alias status isCancellable dbConnectionId dbConnection { id alias } cancellation { phase }
  events { nodes { kind } }
} } }
"""


async def test_a_cancel_of_a_live_job_is_two_writes_round_two_calls(
    watched: Client, watcher: Watcher
) -> None:
    """The intent is stored before the provider hears of it, and the end after it was read back."""
    training = await watched.world.created_and_training()
    calls = watched.world.sandbox.calls
    calls.clear()
    watcher.seen.clear()
    watcher.provider_calls.clear()
    assert await watched.data(CANCEL, id=str(training.id)) == CANCELLED
    assert watcher.seen == [MODIFY, MODIFY]
    assert watcher.provider_calls == [0, 2]
    assert [call.operation for call in calls.find()] == ["jobs.cancel", "jobs.retrieve"]


async def test_a_cancel_of_a_queued_finetuning_is_one_write(watched: Client, watcher: Watcher) -> None:
    """The write that stores the intent closes it, too."""
    queued = await watched.world.create()
    watcher.seen.clear()
    assert await watched.data(CANCEL, id=str(queued.id)) == CANCELLED
    assert await watched.data(CANCEL, id=str(queued.id)) == CANCELLED
    assert watcher.seen == [MODIFY, MODIFY]
    assert watched.world.sandbox.calls.find() == []


async def test_a_cancel_of_many_is_one_write_without_a_transaction(watched: Client, watcher: Watcher) -> None:
    """A server killed amid it leaves nothing open for others to wait for."""
    ids = [str((await watched.world.create()).id) for _ in range(3)]
    watcher.seen.clear()
    assert await watched.data(CANCEL_MANY, ids=ids) == {"cancelFinetunings": {"count": 3}}
    assert watcher.seen == [("update", "finetunings"), ("find", "finetunings")]


async def test_a_page_with_connections_is_two_queries(watched: Client, watcher: Watcher) -> None:
    """Fifty finetunings of three connections: one query for all of each."""
    connections = [await watched.world.connection(golden_records=0) for _ in range(3)]
    for connection in connections:
        await store_finetunings(minutes(20), db_connection_id=connection.id)
    watcher.seen.clear()
    nodes = (await watched.data(PAGE))["finetunings"]["nodes"]
    assert watcher.seen == [("find", "finetunings"), ("find", "db_connections")]
    assert len(nodes) == 50
    assert {node["dbConnection"]["id"] for node in nodes} == {str(one.id) for one in connections}
    assert all(node["dbConnection"]["id"] == node["dbConnectionId"] for node in nodes)


FINETUNINGS, RECORDS, CONNECTIONS = "finetunings", "golden_records", "db_connections"
READERS = {
    "finetuning": ("query($f: ID!) { finetuning(id: $f) { status events { nodes { kind } } } }", FINETUNINGS),
    "finetunings": ("{ finetunings(first: 100) { nodes { status syncedAt } } }", FINETUNINGS),
    "goldenRecord": ("query($r: ID!) { goldenRecord(id: $r) { sql } }", RECORDS),
    "goldenRecords": ("{ goldenRecords(first: 100) { nodes { sql } } }", RECORDS),
    "dbConnection": ("query($c: ID!) { dbConnection(id: $c) { alias } }", CONNECTIONS),
    "dbConnections": ("{ dbConnections(first: 100) { nodes { alias } } }", CONNECTIONS),
}


@pytest.mark.parametrize(("query", "collection"), READERS.values(), ids=READERS.keys())
async def test_a_reader_reads_once(watched: Client, watcher: Watcher, query: str, collection: str) -> None:
    """One query to MongoDB, no write, and no call to the provider, even while a job is running there."""
    world = watched.world
    connection = await world.connection(golden_records=12)
    training = await world.created_and_training(db_connection_id=str(connection.id))
    record = (await world.golden_record_ids(connection))[0]
    calls = len(world.sandbox.calls.find())
    watcher.seen.clear()
    ids = {"f": str(training.id), "r": str(record), "c": str(connection.id)}
    used = {name: value for name, value in ids.items() if f"${name}:" in query}
    data = await watched.data(query, **used)
    assert next(iter(data.values()))
    assert watcher.seen == [("find", collection)]
    assert len(world.sandbox.calls.find()) == calls


async def test_a_refused_cancel_reads_at_most_once(watched: Client, watcher: Watcher) -> None:
    """A malformed id does not reach MongoDB, an unknown one reaches it once."""
    watcher.seen.clear()
    assert (await watched.refusal(CANCEL, id="x"))["code"] == "BAD_USER_INPUT"
    assert watcher.seen == []
    assert (await watched.refusal(CANCEL, id="65f0c0ffee65f0c0ffee65f0"))["code"] == "FINETUNING_NOT_FOUND"
    assert watcher.seen == [MODIFY]
