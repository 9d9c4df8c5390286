"""The catalogue's writes.

They are in one tenant, with MongoDB's times, and with lasting tombstones.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from beanie import PydanticObjectId
from pymongo.errors import BulkWriteError, WriteConcernError

from graphql_api.documents import DbConnection, GoldenRecord
from graphql_api.store import catalogue
from graphql_api.store.catalogue import DUPLICATE_KEY, MARKED_S, _raise_unless_duplicates
from graphql_api.store.database import Database
from graphql_api.tenancy import TenantScope
from tests.world import World

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SCOPE, OTHER = TenantScope("acme"), TenantScope("other")


def connection(**given: Any) -> DbConnection:
    """Return a connection that is not stored yet."""
    content = {"alias": "library", "dialect": "postgres", "tenant": "acme", **given}
    return DbConnection(created_at=LONG_AGO, updated_at=LONG_AGO, **content)


def record(owner: DbConnection, *, digest: str = "d", tenant: str = "acme") -> GoldenRecord:
    """Return a golden record that is not stored yet."""
    return GoldenRecord(
        tenant=tenant,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
        db_connection_id=owner.id,
        prompt_text="?",
        sql="SELECT 1",
        digest=digest,
        exact_digest=digest,
    )


async def stored(one: DbConnection) -> dict[str, Any]:
    """Return the document exactly as MongoDB has it."""
    return await DbConnection.get_pymongo_collection().find_one({"_id": one.id}) or {}


async def test_an_insertion_has_mongodbs_times(database: Database) -> None:
    """Text is stored verbatim, and nothing is stored for nothing."""
    (one,) = await catalogue.insert([connection(alias="$tenant")])
    assert one.alias == "$tenant"
    assert one.created_at == one.updated_at > LONG_AGO
    assert await catalogue.insert(list[DbConnection]()) == []


async def test_a_duplicate_is_left_out(database: Database) -> None:
    """The others of the same call are stored."""
    owner = connection()
    first, twin, another = record(owner), record(owner), record(owner, digest="e")
    assert [one.id for one in await catalogue.insert([first])] == [first.id]
    assert [one.id for one in await catalogue.insert([twin, another])] == [another.id]
    assert await GoldenRecord.find_all().count() == 2


@pytest.mark.parametrize(
    ("codes", "unacknowledged", "kind"),
    [
        ([DUPLICATE_KEY], [], None),
        ([DUPLICATE_KEY, 121], [], BulkWriteError),
        ([], [{"code": 64}], WriteConcernError),
    ],
)
def test_only_duplicates_are_passed_over(
    codes: list[int], unacknowledged: list[dict[str, int]], kind: type[Exception] | None
) -> None:
    """Another refusal, or a write that may be lost, is the caller's."""
    refused = BulkWriteError(
        {"writeErrors": [{"code": code} for code in codes], "writeConcernErrors": unacknowledged}
    )
    if kind is None:
        _raise_unless_duplicates(refused)
        return
    with pytest.raises(kind):
        _raise_unless_duplicates(refused)


async def test_a_change_is_the_tenants(database: Database) -> None:
    """Another tenant's, or one without a match, changes nothing."""
    (one,) = await catalogue.insert([connection()])
    before = await stored(one)
    given = {"alias": "$dialect"}
    for scope, where in ((OTHER, {}), (SCOPE, {"alias": "else"})):
        assert await catalogue.change(DbConnection, one.id, scope=scope, given=given, where=where) is None
    assert await stored(one) == before
    changed = await catalogue.change(
        DbConnection, one.id, scope=SCOPE, given=given, where={"alias": "library"}
    )
    assert changed is not None
    assert (changed.alias, changed.created_at) == ("$dialect", one.created_at)
    assert changed.updated_at >= one.updated_at


async def test_a_change_into_a_duplicate_is_refused(database: Database) -> None:
    """By the unique index, and the record stays as it was."""
    owner = connection()
    first, second = record(owner), record(owner, digest="e")
    await catalogue.insert([first, second])
    given = {"digest": "d", "exact_digest": "d"}
    assert await catalogue.change(GoldenRecord, second.id, scope=SCOPE, given=given, where={}) is None
    kept = await GoldenRecord.get(second.id)
    assert kept is not None
    assert kept.digest == "e"


async def test_a_mark_holds_until_it_is_taken_back_or_ends(database: Database) -> None:
    """Only its own token takes it back, and only in its tenant."""
    (one,) = await catalogue.insert([connection()])
    assert await catalogue.is_usable(DbConnection, one.id, scope=SCOPE) is True
    assert await catalogue.is_usable(DbConnection, one.id, scope=OTHER) is False
    assert await catalogue.mark_for_deletion(DbConnection, one.id, scope=OTHER, token="$t") is False
    assert await catalogue.mark_for_deletion(DbConnection, one.id, scope=SCOPE, token="$t") is True
    assert (await stored(one))["deletion_token"] == "$t"
    for scope, token in ((SCOPE, "another"), (OTHER, "$t")):
        await catalogue.unmark_for_deletion(DbConnection, one.id, scope=scope, token=token)
        assert await catalogue.is_usable(DbConnection, one.id, scope=SCOPE) is False
    await catalogue.unmark_for_deletion(DbConnection, one.id, scope=SCOPE, token="$t")
    assert await catalogue.is_usable(DbConnection, one.id, scope=SCOPE) is True
    await catalogue.mark_for_deletion(DbConnection, one.id, scope=SCOPE, token="$t")
    past = {"$subtract": ["$deletion_expires_at", MARKED_S * 1000]}
    await DbConnection.get_pymongo_collection().update_one(
        {"_id": one.id}, [{"$set": {"deletion_expires_at": past}}]
    )
    assert await catalogue.is_usable(DbConnection, one.id, scope=SCOPE) is True


async def test_a_repeated_burial_has_the_first_ones_time(database: Database) -> None:
    """With a condition that no longer holds, and never for another tenant."""
    (one,) = await catalogue.insert([connection()])
    before = await stored(one)
    for scope, where in ((OTHER, {}), (SCOPE, {"alias": "else"})):
        assert await catalogue.bury(DbConnection, one.id, scope=scope, where=where) is None
    assert await stored(one) == before
    buried_at = await catalogue.bury(DbConnection, one.id, scope=SCOPE, where={})
    assert await stored(one) == {"_id": one.id, "deleted_tenant": "acme", "deleted_at": buried_at}
    assert await catalogue.bury(DbConnection, one.id, scope=SCOPE, where={"alias": "else"}) == buried_at
    assert await catalogue.bury(DbConnection, one.id, scope=OTHER, where={}) is None
    assert await catalogue.bury(DbConnection, PydanticObjectId(), scope=SCOPE, where={}) is None


async def test_all_matching_ones_are_buried(database: Database) -> None:
    """Of this tenant alone."""
    owner = connection()
    ours, theirs = record(owner), record(owner, digest="e", tenant="other")
    kept = record(connection())
    await catalogue.insert([ours, theirs, kept])
    await catalogue.bury_all(GoldenRecord, scope=SCOPE, where={"db_connection_id": owner.id})
    left = await GoldenRecord.find({"tenant": {"$ne": None}}).to_list()
    assert {one.id for one in left} == {theirs.id, kept.id}


async def test_live_finetunings_use_their_connection(world: World) -> None:
    """An ended one does not, and another tenant's is not named."""
    live, over = await world.create(), await world.create()
    await world.cancel(over)
    scope = TenantScope.of(live)
    assert await catalogue.users_of_connection(live.db_connection_id, scope=scope) == [str(live.id)]
    assert await catalogue.users_of_connection(live.db_connection_id, scope=OTHER) == []
    assert await catalogue.users_of_connection(over.db_connection_id, scope=scope) == []


async def test_a_chosen_record_is_used_until_the_upload(world: World) -> None:
    """A finetuning of all records does not name any."""
    owner = await world.connection()
    ids = await world.golden_record_ids(owner)
    chosen = await world.create(db_connection_id=str(owner.id), golden_records=[str(one) for one in ids])
    await world.create(db_connection_id=str(owner.id))
    used = await GoldenRecord.get(ids[0])
    assert used is not None
    assert await catalogue.users_of_golden_record(used) == [str(chosen.id)]
    await world.database["finetunings"].update_one(
        {"_id": chosen.id}, {"$set": {"finetuning_file_id": "file-1"}}
    )
    assert await catalogue.users_of_golden_record(used) == []
