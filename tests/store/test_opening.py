"""MongoDB is opened ready for use, or the reason is one line without a secret."""

from collections.abc import AsyncIterator

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from chaos.ports import free_port
from graphql_api.store.database import Database
from graphql_api.store.opening import Access, UnusableMongodbError, in_one_line, opened
from tests.store.pretended import pretended_mongodb

NAME = "opening"
ACCESS = Access(uri="mongodb://127.0.0.1", database=NAME, timeout_s=3)
MAJORITY = (
    "MongoDB did not acknowledge a write by a majority within 3 s: "
    "check that a majority of the data-bearing members is up"
)


@pytest.fixture
async def access(mongodb_uri: str) -> AsyncIterator[Access]:
    """Yield the access to a database that does not exist yet, and remove it."""
    yield Access(uri=mongodb_uri, database=NAME, timeout_s=10)
    async with AsyncMongoClient[dict[str, object]](mongodb_uri) as client:
        await client.drop_database(NAME)


async def reason(access: Access) -> str:
    """Return why MongoDB cannot be used."""
    with pytest.raises(UnusableMongodbError) as unusable:
        async with opened(access):
            pass
    return str(unusable.value)


async def test_a_new_database_is_ready(access: Access) -> None:
    """It has its indexes and an id that stays, and there is nothing to remark."""
    async with opened(access) as first:
        assert first.remark is None
        assert "idempotency" in await first.database["finetunings"].index_information()
    async with opened(access) as again:
        assert again.deployment_id == first.deployment_id
        assert len(again.deployment_id) == 32


async def test_an_index_in_the_way_is_named(access: Access, database: Database) -> None:
    """With the command that removes it."""
    other = database.client[NAME]["finetunings"]
    await other.create_index("due_at", name="due", unique=True)
    assert await reason(access) == (
        'the collection opening.finetunings has the index "due" in another form than this version needs for '
        '"due": run db.finetunings.dropIndex("due") in opening, then start again; no documents are lost'
    )


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        (
            "mongodb://127.0.0.1/a$secret",
            "the URI has a database name or an option unknown to MongoDB",
        ),
        ("mongodb://127.0.0.1:secret", "this is not a MongoDB URI"),
    ],
)
async def test_a_malformed_uri_is_not_repeated(uri: str, why: str) -> None:
    """Any part of it may be a password."""
    assert await reason(Access(uri=uri, database=NAME, timeout_s=1)) == f"MongoDB cannot be used: {why}"


async def test_an_absent_mongodb_is_told_in_one_line() -> None:
    """With its address."""
    port = free_port()
    told = await reason(Access(uri=f"mongodb://127.0.0.1:{port}", database=NAME, timeout_s=0.3))
    assert told == (
        f"MongoDB cannot be used: nobody listens at 127.0.0.1:{port}: "
        "start MongoDB there, or correct the address"
    )


async def test_a_standalone_is_refused() -> None:
    """In the words of the examination."""
    async with pretended_mongodb({}) as port:
        told = await reason(Access(uri=f"mongodb://127.0.0.1:{port}", database=NAME, timeout_s=5))
    assert told.startswith(f"MongoDB at 127.0.0.1:{port} is not a replica set, ")


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (
            OperationFailure("auth", 18),
            "MongoDB refuses user name or password: correct them, or name their database with authSource",
        ),
        (
            OperationFailure("x", 13, {"errmsg": "Command x requires authentication"}),
            "MongoDB requires a user name and a password, and MONGODB_URI has none",
        ),
        (
            OperationFailure("x", 13, {"errmsg": "not authorized"}),
            "the user lacks rights in the database opening: give it the role readWrite there",
        ),
        (OperationFailure("x", 1, {"errmsg": "e" * 301}), "MongoDB cannot be used: " + "e" * 300),
        (ServerSelectionTimeoutError("nobody\nelse"), "MongoDB cannot be used: nobody"),
        (PyMongoError("odd\nmore"), "MongoDB cannot be used: odd"),
        (OSError("no file"), "MongoDB cannot be used: no file"),
        (
            OperationFailure("slow", 50),
            MAJORITY,
        ),
    ],
)
def test_a_refusal_has_its_remedy(problem: Exception, told: str) -> None:
    """As far as there is a plain one, and else the driver's first line."""
    with pytest.raises(UnusableMongodbError) as unusable, in_one_line(ACCESS):
        raise problem
    assert str(unusable.value) == told
