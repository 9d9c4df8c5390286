"""Creates, changes and deletes database connections."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from graphql_api import inputs
from graphql_api.caller import Caller
from graphql_api.catalogue.dialects import suggestion
from graphql_api.documents import DbConnection, GoldenRecord, ObjectId
from graphql_api.errors import BadUserInputError, DbConnectionInUseError, DbConnectionNotFoundError
from graphql_api.store import catalogue
from graphql_api.store.catalogue import users_of_connection
from graphql_api.store.deletion import FindUsers, StillUsedError, delete_unused, to_its_end
from graphql_api.store.training_data import Sources
from graphql_api.tenancy import TenantScope

LONGEST_DIALECT = 64
LONGEST_DDL = 100_000
MOST_TABLES = 1_000

STORED = Sources()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDbConnection:
    """A client's new database connection; ``table_schemas`` are its tables as DDL text."""

    alias: str
    dialect: str
    table_schemas: Sequence[str] = ()
    metadata: object = None


async def find_db_connection(
    db_connection_id: str, *, caller: Caller, sources: Sources = STORED
) -> DbConnection:
    """Return the caller's connection for new work; one being deleted counts as missing.

    Raises ``BadUserInputError`` or ``DbConnectionNotFoundError``.
    """
    document_id = inputs.object_id(db_connection_id, name="dbConnectionId")
    connection = await sources.find_connection(document_id, scope=TenantScope.of(caller))
    if connection is None or (
        connection.deletion_token is not None
        and not await catalogue.is_usable(DbConnection, document_id, scope=TenantScope.of(caller))
    ):
        raise DbConnectionNotFoundError(db_connection_id)
    return connection


async def create_db_connection(given: NewDbConnection, *, caller: Caller) -> DbConnection:
    """Store the connection and return it; raises ``BadUserInputError`` for the first bad field."""
    of_no_account = datetime.now(UTC)  # MongoDB's time is stored instead
    new = DbConnection(
        tenant=caller.tenant,
        created_at=of_no_account,
        updated_at=of_no_account,
        **_checked(asdict(given)),
    )
    (stored,) = await catalogue.insert([new])
    return stored


async def update_db_connection(
    db_connection_id: str, given: Mapping[str, object], *, caller: Caller
) -> DbConnection:
    """Set the given fields, leave the others, and return the connection.

    Raises ``BadUserInputError`` or ``DbConnectionNotFoundError``.
    """
    fields = _checked(given)
    connection = await find_db_connection(db_connection_id, caller=caller)
    if not fields:
        return connection
    changed = await catalogue.change(
        DbConnection, connection.id, scope=TenantScope.of(caller), given=fields, where={}
    )
    if changed is None:
        raise DbConnectionNotFoundError(db_connection_id)
    return changed


async def delete_db_connection(
    db_connection_id: str, *, caller: Caller, find_users: FindUsers = users_of_connection
) -> datetime:
    """Delete the connection with its golden records and return its deletion time; repeating is safe.

    Raises ``BadUserInputError``, ``DbConnectionNotFoundError`` or ``DbConnectionInUseError``.
    """
    document_id = inputs.object_id(db_connection_id, name="dbConnectionId")
    return await to_its_end(_delete(document_id, scope=TenantScope.of(caller), find_users=find_users))


async def _delete(document_id: ObjectId, *, scope: TenantScope, find_users: FindUsers) -> datetime:
    try:
        deleted_at = await delete_unused(DbConnection, document_id, scope=scope, find_users=find_users)
    except StillUsedError as used:
        raise DbConnectionInUseError(document_id, finetunings=used.users) from None
    if deleted_at is None:
        raise DbConnectionNotFoundError(document_id)
    await catalogue.bury_all(GoldenRecord, scope=scope, where={"db_connection_id": document_id})
    return deleted_at


def _checked(given: Mapping[str, object]) -> dict[str, Any]:
    """Return the given fields of a connection; raises ``BadUserInputError`` for the first bad one."""
    checks: dict[str, Callable[[Any], Any]] = {
        "alias": inputs.alias,
        "dialect": _dialect,
        "table_schemas": _table_schemas,
        "metadata": inputs.metadata,
    }
    return {name: checks[name](value) for name, value in given.items()}


def _dialect(given: object) -> str:
    """Return the dialect's name; raises ``BadUserInputError`` for a typo. The parser need not know it."""
    name = inputs.text(given, name="dialect", longest=LONGEST_DIALECT)
    if (meant := suggestion(name)) is not None:
        raise BadUserInputError(
            f"The dialect {name!r} is not known. Did you mean {meant!r}?", argument="dialect"
        )
    return name


def _table_schemas(given: Sequence[str] | None) -> list[str]:
    schemas = given or ()
    if len(schemas) > MOST_TABLES:
        raise BadUserInputError(
            f"tableSchemas must have at most {MOST_TABLES} entries.", argument="tableSchemas"
        )
    return [
        inputs.text(ddl, name=f"tableSchemas[{index}]", longest=LONGEST_DDL)
        for index, ddl in enumerate(schemas)
    ]
