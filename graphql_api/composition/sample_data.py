"""Stores the sample library, and at the sandbox one finetuning of each kind of end."""

from dataclasses import dataclass

import structlog

from graphql_api.caller import ANONYMOUS
from graphql_api.catalogue.db_connections import NewDbConnection, create_db_connection
from graphql_api.catalogue.golden_records import NewGoldenRecord, add_golden_records
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import DbConnection, Finetuning
from graphql_api.engine.driving import take_over
from graphql_api.engine.engine import Engine
from graphql_api.finetunings.base_llm import BaseLlmChoice, ModelPolicy, ParameterChoice
from graphql_api.finetunings.cancel import cancel
from graphql_api.finetunings.create import CreateRequest, create
from graphql_api.sandbox.openai import Sandbox
from graphql_api.sandbox.samples import sample_library
from graphql_api.store.reads import has_any
from graphql_api.tenancy import TenantScope

log = structlog.get_logger(__name__)

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleJob:
    """A finetuning, and how its job went on at the sandbox: when it began, how slowly, and how it ended."""

    alias: str
    n_epochs: int
    began_s_ago: float
    times_slower: float
    breaks_at: float | None = None
    is_cancelled: bool = False


SAMPLE_JOBS = (
    SampleJob(
        alias="library, 5 epochs", n_epochs=5, began_s_ago=300 * MINUTE_S, times_slower=30, breaks_at=0.6
    ),
    SampleJob(alias="library, 3 epochs", n_epochs=3, began_s_ago=150 * MINUTE_S, times_slower=20),
    SampleJob(
        alias="library, 4 epochs", n_epochs=4, began_s_ago=20 * MINUTE_S, times_slower=60, is_cancelled=True
    ),
    SampleJob(alias="library, 2 epochs", n_epochs=2, began_s_ago=12 * MINUTE_S, times_slower=30),
)
"""One that failed, one that succeeded, one that is cancelled, and one that trains on for some minutes."""


async def store_sample_data(sql_check: SqlCheck) -> DbConnection | None:
    """Store the sample library if there is no database connection yet; return it if it was stored."""
    if await has_any(DbConnection, scope=TenantScope.of(ANONYMOUS)):
        return None
    sample = sample_library()
    given = NewDbConnection(alias=sample.alias, dialect=sample.dialect, table_schemas=sample.table_schemas)
    connection = await create_db_connection(given, caller=ANONYMOUS)
    records = [NewGoldenRecord(prompt_text=question, sql=sql) for question, sql in sample.golden_records]
    await add_golden_records(str(connection.id), records, caller=ANONYMOUS, sql_check=sql_check)
    return connection


async def store_sample_finetunings(
    connection: DbConnection, *, engine: Engine, policy: ModelPolicy, sandbox: Sandbox
) -> None:
    """Create the sample finetunings by the way of all others, and move their jobs at the sandbox in time.

    The background work finds out how they ended, as with a provider's jobs.
    """
    for sample in SAMPLE_JOBS:
        llm = BaseLlmChoice(model_parameters=ParameterChoice(n_epochs=sample.n_epochs))
        request = CreateRequest(db_connection_id=str(connection.id), alias=sample.alias, base_llm=llm)
        created = await create(request, caller=ANONYMOUS, policy=policy, engine=engine)
        submitted = await take_over(engine, created.id)
        if submitted is None or submitted.finetuning_job_id is None:
            log.warning("a sample finetuning has no job yet", finetuning=str(created.id))
            continue
        _date_back(submitted.finetuning_job_id, sample, sandbox=sandbox)
        if sample.is_cancelled:
            await _cancel(submitted, engine=engine)


def _date_back(job_id: str, sample: SampleJob, *, sandbox: Sandbox) -> None:
    sandbox.account.date_back(
        job_id,
        began_s_ago=sample.began_s_ago,
        times_slower=sample.times_slower,
        breaks_at=sample.breaks_at,
    )
    sandbox.save()


async def _cancel(finetuning: Finetuning, *, engine: Engine) -> None:
    reason = {"reason": "the loss no longer fell"}
    await cancel(str(finetuning.id), metadata=reason, caller=ANONYMOUS, engine=engine)
