"""Stored audit entries stay as they are, until MongoDB removes them."""

import inspect
import pkgutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from bson import ObjectId

from graphql_api import store
from graphql_api.documents import AuditEntry
from graphql_api.store import audit_entries
from graphql_api.store.audit_entries import AuditEntries, oldest_first
from graphql_api.store.database import Database
from graphql_api.store.expressions import Fields

DAY_S = 24 * 3600
OLD = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def entries(database: Database) -> AsyncIterator[AuditEntries]:
    """Yield the entries of a collection without an expiry, before and after."""
    await database["audit_entries"].drop_indexes()
    yield AuditEntries(database["audit_entries"])
    await database["audit_entries"].drop_indexes()


def entry(**changes: Any) -> Fields:
    """Return a new entry."""
    return {"_id": ObjectId(), "tenant": "acme", "action": "$x", "outcome": "allowed", **changes}


async def stored(database: Database) -> list[dict[str, Any]]:
    """Return what MongoDB has."""
    return await database["audit_entries"].find().sort("_id").to_list()


async def test_an_entry_gets_mongodbs_time(entries: AuditEntries, database: Database) -> None:
    """A text with a dollar is no field."""
    before = await _now(database)
    given = entry()
    assert await entries.append([given]) == []
    (found,) = await stored(database)
    assert before <= found.pop("created_at") <= await _now(database)
    assert found == given


async def _now(database: Database) -> datetime:
    moment: datetime = (await database.client.admin.command("hello"))["localTime"]
    return moment.replace(tzinfo=UTC)


async def test_a_stored_entry_never_changes(entries: AuditEntries, database: Database) -> None:
    """Not even by a second write with its id: neither its fields nor its time."""
    given = entry()
    await database["audit_entries"].insert_one({**given, "created_at": OLD})
    await entries.append([{**given, "tenant": "other", "code": "MORE"}, entry()])
    first, _ = await stored(database)
    assert first == {**given, "created_at": OLD}


async def test_what_mongodb_refuses_takes_no_other_with_it(entries: AuditEntries, database: Database) -> None:
    """The refused ones come back."""
    await database["audit_entries"].create_index("request_id", unique=True, name="in_the_way")
    given = [entry(request_id="a"), entry(request_id="a"), entry(request_id="b")]
    assert await entries.append(given) == [given[1]]
    assert [one["_id"] for one in await stored(database)] == [given[0]["_id"], given[2]["_id"]]


async def test_the_expiry_follows_its_setting(entries: AuditEntries, database: Database) -> None:
    """A start with another number of days changes the one index, one with the same nothing."""
    for days in (365, 365, 30, 400):
        await entries.keep_for(days)
        indexes = await database["audit_entries"].index_information()
        found = {
            name: one["expireAfterSeconds"] for name, one in indexes.items() if "expireAfterSeconds" in one
        }
        assert found == {"expiry": days * DAY_S}
        assert indexes["expiry"]["key"] == [("created_at", 1)]


async def test_the_entries_come_oldest_first(entries: AuditEntries, database: Database) -> None:
    """Of one tenant or of all, refused credentials included, from a moment on."""
    moments = [OLD + timedelta(minutes=minute) for minute in range(3)]
    tenants = ["acme", None, "other"]
    documents = [
        entry(tenant=tenant, created_at=moment) for moment, tenant in zip(moments, tenants, strict=True)
    ]
    await database["audit_entries"].insert_many(documents[::-1])
    ids = [one["_id"] for one in documents]
    assert [one.id async for one in oldest_first(since=None, tenant=None)] == ids
    assert [one.id async for one in oldest_first(since=moments[1], tenant=None)] == ids[1:]
    assert [one.id async for one in oldest_first(since=None, tenant="other")] == ids[2:]


def test_nothing_in_the_store_changes_or_removes_an_entry() -> None:
    """One module of the room knows the entries, and this is all that it can do to them."""
    public = {
        name
        for name, value in vars(audit_entries).items()
        if inspect.isroutine(value) and value.__module__ == audit_entries.__name__ and name[0] != "_"
    }
    assert public == {"oldest_first"}
    assert {name for name in vars(AuditEntries) if name[0] != "_"} == {"append", "keep_for"}
    source = inspect.getsource(audit_entries)
    assert not [word for word in ("delete", "drop", "$unset", "update_many", "replace_one") if word in source]


def test_no_other_module_of_the_store_knows_the_entries() -> None:
    """Only the binding of all documents names them."""
    knowing = {
        module.name
        for module in pkgutil.iter_modules(store.__path__)
        for source in [inspect.getsource(import_module(f"{store.__name__}.{module.name}"))]
        if "AuditEntry" in source or "audit_entries" in source
    }
    assert knowing == {"audit_entries", "database"}


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({}, "newest"),
        ({"subject": "ada"}, "newest_of_subject"),
        ({"action": "cancelFinetuning"}, "newest_of_action"),
        ({"targets.id": "0123"}, "newest_of_target"),
        ({"outcome": "refused"}, "newest_of_outcome"),
    ],
)
async def test_each_filter_has_its_index(database: Database, where: Fields, index: str) -> None:
    """The newest entries come in order: MongoDB neither sorts nor reads all."""
    await AuditEntry.get_pymongo_collection().insert_many([entry(created_at=OLD) for _ in range(3)])
    found = AuditEntry.get_pymongo_collection().find({"tenant": "acme", **where})
    plan = str((await found.sort({"created_at": -1, "_id": -1}).explain())["queryPlanner"]["winningPlan"])
    assert (f"'indexName': '{index}'" in plan, "'SORT'" in plan, "COLLSCAN" in plan) == (True, False, False)
