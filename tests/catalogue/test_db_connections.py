"""Database connections, from their checks to their deletion.

They are checked before they are stored, and deleted only when nothing needs them.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId
from bson import ObjectId

from graphql_api.catalogue.db_connections import (
    NewDbConnection,
    create_db_connection,
    delete_db_connection,
    find_db_connection,
    update_db_connection,
)
from graphql_api.catalogue.golden_records import NewGoldenRecord, add_golden_records
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.documents import DbConnection, FinetuningStatus, GoldenRecord
from graphql_api.errors import BadUserInputError, DbConnectionInUseError, DbConnectionNotFoundError
from graphql_api.store import catalogue
from graphql_api.store.catalogue import mark_for_deletion, unmark_for_deletion, users_of_connection
from graphql_api.tenancy import TenantScope
from tests.world import UNCHECKED, World, examples

LIBRARY = NewDbConnection(alias="library", dialect="postgres")


async def test_a_connection_is_stored_for_its_caller(world: World) -> None:
    """With its text verbatim and its caller's tenant; another tenant does not see it."""
    given = NewDbConnection(alias="$a", dialect="d", table_schemas=["x"], metadata={"a.b": "$c"})
    stored = await create_db_connection(given, caller=world.caller)
    found = await find_db_connection(str(stored.id), caller=world.caller)
    assert found == stored
    assert (found.alias, found.dialect, found.table_schemas) == ("$a", "d", ["x"])
    assert (found.metadata, found.tenant) == ({"a.b": "$c"}, "default")
    with pytest.raises(DbConnectionNotFoundError) as refusal:
        await find_db_connection(str(stored.id), caller=replace(world.caller, tenant="b"))
    assert refusal.value.message == f"There is no database connection {stored.id}."


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"alias": " "}, "alias"),
        ({"alias": "x" * 201}, "alias"),
        ({"dialect": ""}, "dialect"),
        ({"dialect": "x" * 65}, "dialect"),
        ({"table_schemas": ["a", ""]}, "tableSchemas[1]"),
        ({"table_schemas": ["a" * 100_001]}, "tableSchemas[0]"),
        ({"table_schemas": ["a"] * 1001}, "tableSchemas"),
        ({"metadata": {"a": 1}}, "metadata"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_connection_is_not_stored(world: World, wrong: Any, argument: str) -> None:
    """The error names its fault."""
    with pytest.raises(BadUserInputError) as refusal:
        await create_db_connection(replace(LIBRARY, **wrong), caller=world.caller)
    assert refusal.value.details == {"argument": argument}
    assert await DbConnection.count() == 0


async def test_the_time_is_mongodbs(world: World) -> None:
    """The server's own clock does not count, for the records neither."""
    connection = await world.connection(golden_records=1)
    (record,) = await GoldenRecord.find_all().to_list()
    long_ago = dict.fromkeys(("created_at", "updated_at"), datetime(2000, 1, 1, tzinfo=UTC))
    twin = connection.model_copy(update={"id": PydanticObjectId(), **long_ago})
    (stored,) = await catalogue.insert([twin])
    assert connection.created_at <= stored.created_at == stored.updated_at
    late = record.model_copy(update={"id": PydanticObjectId(), "exact_digest": "another", **long_ago})
    (stored_late,) = await catalogue.insert([late])
    assert record.created_at <= stored_late.created_at == stored_late.updated_at


async def test_an_update_takes_text_verbatim(world: World) -> None:
    """A value that looks like a field of MongoDB's is only text, and a map replaces the map there was."""
    stored = await create_db_connection(replace(LIBRARY, metadata={"a": "b"}), caller=world.caller)
    given = {"alias": "$dialect", "metadata": {"c": "$$NOW"}}
    changed = await update_db_connection(str(stored.id), given, caller=world.caller)
    assert (changed.alias, changed.metadata, changed.dialect) == ("$dialect", {"c": "$$NOW"}, "postgres")
    assert changed == await find_db_connection(str(stored.id), caller=world.caller)
    assert timedelta(0) <= changed.updated_at - stored.created_at < timedelta(minutes=1)


async def test_nothing_new_is_based_on_a_connection_that_is_being_deleted(world: World) -> None:
    """The mark keeps new users away, so the look for users misses none."""
    connection = await world.connection()
    connection_id = str(connection.id)
    scope = TenantScope.of(world.caller)
    assert await mark_for_deletion(DbConnection, connection.id, scope=scope, token="a deletion")
    for attempt in (
        world.create(db_connection_id=connection_id),
        add_golden_records(connection_id, examples(1), caller=world.caller, sql_check=UNCHECKED),
        update_db_connection(connection_id, {"alias": "a"}, caller=world.caller),
    ):
        with pytest.raises(DbConnectionNotFoundError):
            await attempt
    await unmark_for_deletion(DbConnection, connection.id, scope=scope, token="a deletion")
    assert (await world.create(db_connection_id=connection_id)).status is FinetuningStatus.QUEUED


async def test_a_finetuning_that_is_there_sees_nothing_of_a_refused_deletion(world: World) -> None:
    """Not even during the decision: the mark hides the connection from new users only."""
    connection = await world.connection()
    created = await world.create(db_connection_id=str(connection.id))
    await mark_for_deletion(
        DbConnection, connection.id, scope=TenantScope.of(world.caller), token="a deletion"
    )
    await world.work()
    assert (await world.read(created)).finetuning_file_id is not None
    with pytest.raises(DbConnectionInUseError):
        await delete_db_connection(str(connection.id), caller=world.caller)
    assert (await find_db_connection(str(connection.id), caller=world.caller)).deletion_token is None


async def test_an_ended_deletion_carries_out_nothing(world: World) -> None:
    """The later marker decides: an earlier one has looked for users too early."""
    connection = await world.connection()
    scope = TenantScope.of(world.caller)
    for token in ("earlier", "later"):
        await mark_for_deletion(DbConnection, connection.id, scope=scope, token=token)
    await unmark_for_deletion(DbConnection, connection.id, scope=scope, token="earlier")
    earlier = {"deletion_token": "earlier"}
    left = await catalogue.bury(DbConnection, connection.id, scope=scope, where=earlier)
    assert left is None
    stored = await DbConnection.get(connection.id)
    assert stored is not None
    assert stored.deletion_token == "later"


async def test_a_deletion_that_is_overtaken_looks_again(world: World) -> None:
    """A finetuning created after another deletion took its own mark back is not missed."""
    connection = await world.connection()
    scope, created = TenantScope.of(world.caller), list[str]()

    async def find_users(document_id: ObjectId, *, scope: TenantScope) -> list[str]:
        found = await users_of_connection(document_id, scope=scope)
        if not created:
            await mark_for_deletion(DbConnection, document_id, scope=scope, token="another deletion")
            await unmark_for_deletion(DbConnection, document_id, scope=scope, token="another deletion")
            created.append(str((await world.create(db_connection_id=str(document_id))).id))
        return found

    with pytest.raises(DbConnectionInUseError) as refusal:
        await delete_db_connection(str(connection.id), caller=world.caller, find_users=find_users)
    assert refusal.value.details["finetunings"] == created
    assert await DbConnection.find({**scope.where, "deletion_token": None}).count() == 1
    assert await GoldenRecord.find(scope.where).count() == 10


async def test_a_write_reaches_no_other_tenants_document(world: World) -> None:
    """Its filter says so, after any earlier look-up."""
    connection = await world.connection(golden_records=1)
    (record,) = await GoldenRecord.find_all().to_list()
    before = await DbConnection.get(connection.id)
    assert not await mark_for_deletion(DbConnection, connection.id, scope=TenantScope("other"), token="a")
    for document in (connection, record):
        kind = type(document)
        assert (
            await catalogue.change(
                kind, document.id, scope=TenantScope("other"), given={"metadata": {"a": "b"}}, where={}
            )
            is None
        )
        assert await catalogue.bury(kind, document.id, scope=TenantScope("other"), where={}) is None
        await catalogue.bury_all(kind, scope=TenantScope("other"), where={"_id": document.id})
    assert await GoldenRecord.find_all().to_list() == [record]
    assert await DbConnection.get(connection.id) == before


async def test_deletions_at_once_have_one_effect_and_one_answer(world: World) -> None:
    """However many ask."""
    connection = await world.connection()
    deleting = (delete_db_connection(str(connection.id), caller=world.caller) for _ in range(6))
    assert len(set(await asyncio.gather(*deleting))) == 1
    assert await GoldenRecord.find({"tenant": world.caller.tenant}).count() == 0


async def test_a_deletion_that_was_broken_off_is_carried_through_by_the_next(world: World) -> None:
    """Wherever the first one stopped: marked only, or without its records being gone."""
    scope, caller = TenantScope.of(world.caller), world.caller
    marked, buried = await world.connection(), await world.connection()
    for connection in (marked, buried):
        await mark_for_deletion(DbConnection, connection.id, scope=scope, token="broken off")
    await catalogue.bury(DbConnection, buried.id, scope=scope, where={"deletion_token": "broken off"})
    for connection in (marked, buried):
        await delete_db_connection(str(connection.id), caller=caller)
    assert await DbConnection.find(scope.where).count() == 0
    assert await GoldenRecord.find(scope.where).count() == 0


@pytest.mark.parametrize("is_used", [False, True])
async def test_a_client_that_leaves_breaks_no_deletion_off(world: World, is_used: bool) -> None:
    """It is decided all the same: the connection is gone with its records, or can be used as before."""
    connection = await world.connection()
    looking, goes_on = asyncio.Event(), asyncio.Event()
    if is_used:
        await world.create(db_connection_id=str(connection.id))

    async def find_users(document_id: ObjectId, *, scope: TenantScope) -> list[str]:
        looking.set()
        await goes_on.wait()
        return await users_of_connection(document_id, scope=scope)

    deleting = asyncio.create_task(
        delete_db_connection(str(connection.id), caller=world.caller, find_users=find_users)
    )
    await looking.wait()
    deleting.cancel()
    await asyncio.sleep(0)
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await deleting
    stored = await DbConnection.find({"tenant": world.caller.tenant}).to_list()
    assert [(one.id, one.deletion_token) for one in stored] == [(connection.id, None)] * is_used
    assert await GoldenRecord.find({"tenant": world.caller.tenant}).count() == 10 * is_used


async def let_the_mark_end(connection_id: ObjectId) -> None:
    """Let as much time pass for it as it holds."""
    past = {"$subtract": ["$deletion_expires_at", catalogue.MARKED_S * 1000]}
    aged = [{"$set": {"deletion_expires_at": past}}]
    await DbConnection.get_pymongo_collection().update_one({"_id": connection_id}, aged)


async def test_a_mark_that_a_crash_left_ends_by_itself(world: World) -> None:
    """The connection can be used again, without anyone to take the mark back."""
    connection = await world.connection()
    scope = TenantScope.of(world.caller)
    await mark_for_deletion(DbConnection, connection.id, scope=scope, token="broken off")
    await let_the_mark_end(connection.id)
    changed = await update_db_connection(str(connection.id), {"alias": "a"}, caller=world.caller)
    assert changed.alias == "a"
    assert (await world.create(db_connection_id=str(connection.id))).status is FinetuningStatus.QUEUED


async def test_a_deletion_whose_mark_ended_looks_again(world: World) -> None:
    """A finetuning created from then on is not missed."""
    connection = await world.connection()
    created = list[str]()

    async def find_users(document_id: ObjectId, *, scope: TenantScope) -> list[str]:
        found = await users_of_connection(document_id, scope=scope)
        if not created:
            await let_the_mark_end(document_id)
            created.append(str((await world.create(db_connection_id=str(document_id))).id))
        return found

    with pytest.raises(DbConnectionInUseError) as refusal:
        await delete_db_connection(str(connection.id), caller=world.caller, find_users=find_users)
    assert refusal.value.details["finetunings"] == created


class DeletesMeanwhile(SqlCheck):
    """Deletes the connection while the SQL of its new records is being checked."""

    def __init__(self, connection: DbConnection, world: World) -> None:
        super().__init__("off")
        self.connection, self.world = connection, world

    async def warnings(self, *given: Any, **named: Any) -> Any:
        """Delete it, and find nothing."""
        await delete_db_connection(str(self.connection.id), caller=self.world.caller)
        return await super().warnings(*given, **named)


async def test_records_do_not_outlive_a_connection_that_is_deleted_meanwhile(world: World) -> None:
    """A client adding them at this moment is told, and they are taken back."""
    connection = await world.connection(golden_records=0)
    with pytest.raises(DbConnectionNotFoundError):
        await add_golden_records(
            str(connection.id),
            [NewGoldenRecord(prompt_text="a", sql="b")],
            caller=world.caller,
            sql_check=DeletesMeanwhile(connection, world),
        )
    assert await GoldenRecord.find({"tenant": world.caller.tenant}).count() == 0


async def test_tombstones_are_kept_for_thirty_days(world: World) -> None:
    """MongoDB removes them by itself; a live document has no date of deletion."""
    for kind in (DbConnection, GoldenRecord):
        indexes = await kind.get_pymongo_collection().index_information()
        assert indexes["tombstones"]["expireAfterSeconds"] == 30 * 24 * 3600
        assert indexes["tombstones"]["key"] == [("deleted_at", 1)]
