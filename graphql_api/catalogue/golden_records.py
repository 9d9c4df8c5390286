"""Adds, changes and deletes golden records, each after a check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.catalogue.db_connections import STORED, find_db_connection
from graphql_api.catalogue.duplicates import digests, known_to_connection, told_apart
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import DbConnection, GoldenRecord, ObjectId
from graphql_api.errors import (
    BadUserInputError,
    DbConnectionNotFoundError,
    GoldenRecordInUseError,
    UnknownGoldenRecordError,
)
from graphql_api.store import catalogue, reads
from graphql_api.store.catalogue import users_of_golden_record
from graphql_api.tenancy import TenantScope

LONGEST_TEXT = 100_000
MOST_GOLDEN_RECORDS_A_CALL = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGoldenRecord:
    """A client's question and its correct SQL."""

    prompt_text: str
    sql: str
    metadata: object = None


async def add_golden_records(
    db_connection_id: str,
    given: Sequence[NewGoldenRecord],
    *,
    caller: Caller,
    sql_check: SqlCheck,
    skip_duplicates: bool = False,
) -> list[GoldenRecord]:
    """Store the records in their order or, if one is bad, none; ``BadUserInputError`` gives its index.

    Returns the stored records. With ``skip_duplicates`` these are only the new ones: a record with exactly
    the text and metadata of another one is left out. Raises ``DbConnectionNotFoundError``, too.
    """
    connection = await find_db_connection(db_connection_id, caller=caller)
    if not 1 <= len(given) <= MOST_GOLDEN_RECORDS_A_CALL:
        message = f"goldenRecords must have 1 to {MOST_GOLDEN_RECORDS_A_CALL} entries."
        raise BadUserInputError(message, argument="goldenRecords")
    wheres = [f"goldenRecords[{index}]." for index in range(len(given))]
    fields = [checked(asdict(one), where=where) for one, where in zip(given, wheres, strict=True)]
    records = [_new(one, connection) for one in fields]
    await _check_sql(records, connection, wheres=wheres, sql_check=sql_check, account=caller.account)
    stored = await _store(records, skips=skip_duplicates)
    try:
        await find_db_connection(db_connection_id, caller=caller)
    except DbConnectionNotFoundError:  # it was deleted in the meantime, perhaps before these came
        await catalogue.bury_all(
            GoldenRecord, scope=TenantScope.of(caller), where={"_id": {"$in": [one.id for one in stored]}}
        )
        raise
    return stored


async def update_golden_record(
    golden_record_id: str, given: Mapping[str, object], *, caller: Caller, sql_check: SqlCheck
) -> GoldenRecord:
    """Set the given fields, leave the others, and return the record, checked as a whole.

    Raises ``BadUserInputError`` or ``UnknownGoldenRecordError``.
    """
    document_id = inputs.object_id(golden_record_id, name="goldenRecordId")
    fields = checked(given)
    while record := await _find(document_id, caller=caller):
        if not fields:
            return record
        changed = await _change(record, fields, sql_check=sql_check, account=caller.account)
        if changed is not None:
            return changed
    raise UnknownGoldenRecordError(golden_record_id)


async def delete_golden_record(golden_record_id: str, *, caller: Caller) -> datetime:
    """Delete the record and return its deletion time; repeating is safe.

    Raises ``BadUserInputError``, ``UnknownGoldenRecordError`` or ``GoldenRecordInUseError``.
    """
    document_id = inputs.object_id(golden_record_id, name="goldenRecordId")
    record = await _find(document_id, caller=caller)
    users = await users_of_golden_record(record) if record else []
    if users:
        raise GoldenRecordInUseError(golden_record_id, finetunings=users)
    deleted_at = await catalogue.bury(GoldenRecord, document_id, scope=TenantScope.of(caller), where={})
    if deleted_at is None:
        raise UnknownGoldenRecordError(golden_record_id)
    return deleted_at


def checked(given: Mapping[str, object], *, where: str = "") -> dict[str, Any]:
    """Return the given fields of a record; raises ``BadUserInputError`` for the first bad one."""
    checks: dict[str, Callable[[Any], Any]] = {
        "prompt_text": lambda value: inputs.text(value, name=f"{where}promptText", longest=LONGEST_TEXT),
        "sql": lambda value: inputs.text(value, name=f"{where}sql", longest=LONGEST_TEXT),
        "metadata": lambda value: inputs.metadata(value, name=f"{where}metadata"),
    }
    return {name: checks[name](value) for name, value in given.items()}


async def _find(document_id: ObjectId, *, caller: Caller) -> GoldenRecord | None:
    return await reads.find(GoldenRecord, document_id, scope=TenantScope.of(caller))


def _new(fields: Mapping[str, Any], connection: DbConnection) -> GoldenRecord:
    of_no_account = datetime.now(UTC)  # MongoDB's time is stored instead
    return GoldenRecord(
        tenant=connection.tenant,
        db_connection_id=connection.id,
        created_at=of_no_account,
        updated_at=of_no_account,
        **fields,
        **digests(**fields),
    )


async def _store(records: list[GoldenRecord], *, skips: bool) -> list[GoldenRecord]:
    """Store the records; if a concurrent call stores a twin first, look for duplicates again."""
    stored: dict[ObjectId, GoldenRecord] = {}
    waiting = records
    while waiting:
        told = told_apart(waiting, await known_to_connection(waiting), skips=skips)
        stored |= {one.id: one for one in await catalogue.insert(told)}
        waiting = [one for one in told if one.id not in stored]
    return [stored[one.id] for one in records if one.id in stored]


async def _change(
    record: GoldenRecord, fields: Mapping[str, Any], *, sql_check: SqlCheck, account: str
) -> GoldenRecord | None:
    """Write the changed record; ``None`` if it, or a twin of it, was written at the same time."""
    connection = await STORED.find_connection(record.db_connection_id, scope=TenantScope.of(record))
    if connection is None:
        raise UnknownGoldenRecordError(record.id)
    wanted = record.model_copy(update=dict(fields))
    new = digests(wanted.prompt_text, wanted.sql, wanted.metadata)
    wanted = wanted.model_copy(update={**new, "warnings": []})
    await _check_sql([wanted], connection, wheres=[""], sql_check=sql_check, account=account)
    (wanted,) = told_apart([wanted], await known_to_connection([wanted]), skips=False)
    given = wanted.model_dump(include={*fields, *new, "copy_id", "warnings"})
    unchanged = {"exact_digest": record.exact_digest}
    return await catalogue.change(
        GoldenRecord, record.id, scope=TenantScope.of(record), given=given, where=unchanged
    )


async def _check_sql(
    records: Sequence[GoldenRecord],
    connection: DbConnection,
    *,
    wheres: Sequence[str],
    sql_check: SqlCheck,
    account: str,
) -> None:
    """Add a warning to each record with doubtful SQL; raises ``BadUserInputError`` for refused SQL."""
    statements = [one.sql for one in records]
    found = await sql_check.warnings(statements, dialect=connection.dialect, account=account)
    for record, warning, where in zip(records, found, wheres, strict=True):
        if warning is None:
            continue
        if sql_check.refuses(warning):
            place = {"line": warning.line, "column": warning.column} if warning.line else {}
            at = f" Line {warning.line}, column {warning.column}." if warning.line else ""
            argument = f"{where}sql"
            raise BadUserInputError(f"{argument}: {warning.message}{at}", argument=argument, **place)
        record.warnings.append(warning)
