"""The catalogue that finetunings are made from: database connections and their golden records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from graphql_api.caller import Caller
from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.errors import BadUserInputError, DbConnectionNotFoundError
from graphql_api.finetunings import inputs
from graphql_api.finetunings.sources import Sources

LONGEST_ALIAS = 200
LONGEST_DIALECT = 64
LONGEST_TEXT = 100_000
MOST_TABLES = 1_000
MOST_GOLDEN_RECORDS_A_CALL = 1_000

STORED = Sources()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDbConnection:
    """A database connection as a client describes it; ``table_schemas`` are its tables as DDL text."""

    alias: str
    dialect: str
    table_schemas: Sequence[str] = ()
    metadata: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGoldenRecord:
    """A question and the SQL that answers it, as a client gives them."""

    prompt_text: str
    sql: str
    metadata: object = None


async def find_db_connection(
    db_connection_id: str, *, caller: Caller, sources: Sources = STORED
) -> DbConnection:
    """Return the caller's connection; raises ``BadUserInputError`` or ``DbConnectionNotFoundError``."""
    document_id = inputs.object_id(db_connection_id, name="dbConnectionId")
    connection = await sources.find_connection(document_id, tenant=caller.tenant)
    if connection is None:
        raise DbConnectionNotFoundError(db_connection_id)
    return connection


async def create_db_connection(given: NewDbConnection, *, caller: Caller) -> DbConnection:
    """Store the connection and return it; raises ``BadUserInputError`` naming what is wrong."""
    if len(given.table_schemas) > MOST_TABLES:
        raise BadUserInputError(
            f"tableSchemas must have at most {MOST_TABLES} entries.", argument="tableSchemas"
        )
    return await DbConnection(
        tenant=caller.tenant,
        alias=inputs.text(given.alias, name="alias", longest=LONGEST_ALIAS),
        dialect=inputs.text(given.dialect, name="dialect", longest=LONGEST_DIALECT),
        table_schemas=[
            inputs.text(ddl, name=f"tableSchemas[{index}]", longest=LONGEST_TEXT)
            for index, ddl in enumerate(given.table_schemas)
        ],
        metadata=inputs.metadata(given.metadata),
        created_at=_now(),
    ).insert()


async def add_golden_records(
    db_connection_id: str, given: Sequence[NewGoldenRecord], *, caller: Caller
) -> list[GoldenRecord]:
    """Store all the records or, if one is wrong, none; ``BadUserInputError`` names it by its index."""
    connection = await find_db_connection(db_connection_id, caller=caller)
    if not 1 <= len(given) <= MOST_GOLDEN_RECORDS_A_CALL:
        message = f"goldenRecords must have 1 to {MOST_GOLDEN_RECORDS_A_CALL} entries."
        raise BadUserInputError(message, argument="goldenRecords")
    records = [_golden_record(one, connection, index=index) for index, one in enumerate(given)]
    await GoldenRecord.insert_many(records)
    return records


def _now() -> datetime:
    """Return the time in whole milliseconds: MongoDB keeps no more, and answers equal what is stored."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _golden_record(given: NewGoldenRecord, connection: DbConnection, *, index: int) -> GoldenRecord:
    where = f"goldenRecords[{index}]"
    return GoldenRecord(
        tenant=connection.tenant,
        db_connection_id=connection.id,
        prompt_text=inputs.text(given.prompt_text, name=f"{where}.promptText", longest=LONGEST_TEXT),
        sql=inputs.text(given.sql, name=f"{where}.sql", longest=LONGEST_TEXT),
        metadata=inputs.metadata(given.metadata, name=f"{where}.metadata"),
        created_at=_now(),
    )
