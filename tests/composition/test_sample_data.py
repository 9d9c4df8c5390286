"""The sample data: a library, and finetunings with every kind of end."""

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.composition.sample_data import SAMPLE_JOBS, store_sample_data, store_sample_finetunings
from graphql_api.documents import DbConnection, Finetuning, GoldenRecord
from graphql_api.sandbox.samples import sample_library
from graphql_api.store.database import Database
from tests.world import POLICY, World


async def test_the_sample_library_is_stored_once(database: Database, sql_check: SqlCheck) -> None:
    """A database that has a connection is left as it is."""
    for _ in range(2):
        await store_sample_data(sql_check)
    sample = sample_library()
    (connection,) = await DbConnection.find_all().to_list()
    assert (connection.alias, connection.dialect) == (sample.alias, sample.dialect)
    records = await GoldenRecord.find_all().sort("+_id").to_list()
    assert [(one.prompt_text, one.sql) for one in records] == list(sample.golden_records)
    assert [one.warnings for one in records] == [[]] * len(records)


async def test_the_sample_finetunings_have_every_kind_of_end(world: World, sql_check: SqlCheck) -> None:
    """One failed, one succeeded, one is cancelled, one trains on; the work behind finds it out."""
    connection = await store_sample_data(sql_check)
    assert connection is not None
    await store_sample_finetunings(connection, engine=world.engine, policy=POLICY, sandbox=world.sandbox)
    world.advance(30)
    await world.work()
    found = await Finetuning.find_all().sort("+_id").to_list()
    assert [(one.alias, one.status) for one in found] == [
        ("library, 5 epochs", "failed"),
        ("library, 3 epochs", "succeeded"),
        ("library, 4 epochs", "cancelled"),
        ("library, 2 epochs", "running"),
    ]
    failed, succeeded, cancelled, running = found
    assert failed.error == "The job failed in training, as it was told to"
    assert succeeded.model_id is not None
    assert cancelled.cancellation is not None
    assert (cancelled.cancellation.phase, cancelled.metadata) == (
        "confirmed",
        {"reason": "the loss no longer fell"},
    )
    assert [job.status for job in world.jobs()] == ["failed", "succeeded", "cancelled", "running"]
    assert running.model_id is None


async def test_their_jobs_have_a_past_and_a_future(world: World, sql_check: SqlCheck) -> None:
    """Each has reported losses over minutes, and the one that trains ends by itself."""
    connection = await store_sample_data(sql_check)
    assert connection is not None
    await store_sample_finetunings(connection, engine=world.engine, policy=POLICY, sandbox=world.sandbox)
    reports = [[one for one in job.history if one.metrics] for job in world.jobs()]
    assert all(len(one) > 3 and one[-1].at - one[0].at > 60 for one in reports)
    assert all(job.created_at < world.provider_clock.now() - 60 for job in world.jobs())
    world.advance(3600)
    await world.work()
    last = await Finetuning.find_one({"alias": SAMPLE_JOBS[-1].alias})
    assert last is not None
    assert last.status == "succeeded"
