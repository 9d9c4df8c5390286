"""The message about an impossible index.

It has the index, its place, and the remedy.
"""

from collections.abc import AsyncIterator

import pytest
from pymongo import ASCENDING, IndexModel

from graphql_api.store.database import Database
from graphql_api.store.indexes import IndexConflictError, create_indexes

KEY = IndexModel([("tenant", ASCENDING), ("key", ASCENDING)], name="key", unique=True)
DUE = IndexModel([("due_at", ASCENDING)], name="due")


@pytest.fixture
async def things(database: Database) -> AsyncIterator[Database]:
    """Yield the database, without the collection of this test before and after."""
    await database["things"].drop()
    yield database
    await database["things"].drop()


async def test_they_are_created_once(things: Database) -> None:
    """A second start finds them and changes nothing."""
    for _ in range(2):
        await create_indexes(things["things"], [DUE, KEY])
    assert set(await things["things"].index_information()) == {"_id_", "due", "key"}


@pytest.mark.parametrize(
    ("name", "options"),
    [("key", {}), ("key", {"unique": True, "sparse": True}), ("by_hand", {"unique": True})],
    ids=["not-unique", "sparse", "another-name"],
)
async def test_one_of_another_form_is_named(things: Database, name: str, options: dict[str, bool]) -> None:
    """With its collection and the command to drop it; then the start succeeds."""
    present = IndexModel([("tenant", ASCENDING), ("key", ASCENDING)], name=name, **options)
    await things["things"].create_indexes([present])
    with pytest.raises(IndexConflictError) as conflict:
        await create_indexes(things["things"], [DUE, KEY])
    assert str(conflict.value) == (
        f'the collection tests.things has the index "{name}" in another form than this version needs for '
        f'"key": run db.things.dropIndex("{name}") in tests, then start again; no documents are lost'
    )
    await things["things"].drop_index(name)
    await create_indexes(things["things"], [DUE, KEY])


async def test_double_documents_are_named(things: Database) -> None:
    """By the equal fields, without their values."""
    await things["things"].insert_many([{"tenant": "a-secret", "key": "k"} for _ in range(2)])
    with pytest.raises(IndexConflictError) as conflict:
        await create_indexes(things["things"], [DUE, KEY])
    assert str(conflict.value) == (
        'the unique index "key" of the collection tests.things cannot be made: it has documents with the '
        "same tenant, key; remove all but one of each, then start again"
    )
