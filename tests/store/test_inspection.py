"""A look at MongoDB leaves nothing in it."""

import pytest

from graphql_api.store.database import Database
from graphql_api.store.inspection import inspected
from graphql_api.store.opening import Access, UnusableMongodbError, opened

NAME = "inspection"


async def names_in(database: Database) -> tuple[list[str], list[str]]:
    """Return the names of all databases, and of this one's collections."""
    client = database.client
    return sorted(await client.list_database_names()), await client[NAME].list_collection_names()


async def test_a_new_database_is_not_made(database: Database, mongodb_uri: str) -> None:
    """Although a write was tried."""
    before = await names_in(database)
    async with inspected(Access(uri=mongodb_uri, database=NAME, timeout_s=10)) as remark:
        assert remark is None
    assert await names_in(database) == before
    assert NAME not in before[0]


async def test_an_index_in_the_way_is_found_and_none_is_made(database: Database, mongodb_uri: str) -> None:
    """By its keys under another name, or by its name in another form."""
    access = Access(uri=mongodb_uri, database=NAME, timeout_s=10)
    other = database.client[NAME]["finetunings"]
    try:
        for name, keys in (("due", [("due_at", -1)]), ("mine", [("due_at", 1)])):
            await other.create_index(keys, name=name)
            with pytest.raises(UnusableMongodbError, match=f'has the index "{name}" in another form'):
                async with inspected(access):
                    pass
            assert list(await other.index_information()) == ["_id_", name]
            await other.drop_index(name)
    finally:
        await database.client.drop_database(NAME)


async def test_a_database_in_use_has_no_conflict(database: Database, mongodb_uri: str) -> None:
    """Each declared index is found as it was made."""
    access = Access(uri=mongodb_uri, database=NAME, timeout_s=10)
    try:
        async with opened(access):
            pass
        before = await names_in(database)
        async with inspected(access):
            pass
        assert await names_in(database) == before
    finally:
        await database.client.drop_database(NAME)
