"""Opens MongoDB, or says in one line why it cannot."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from pymongo.errors import (
    ConfigurationError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from graphql_api.errors import first_line
from graphql_api.store.database import Database, connect, deployment_id, initialise
from graphql_api.store.indexes import IndexConflictError
from graphql_api.store.suitability import Remark, examine, examine_seeds
from graphql_api.store.unreachable import in_plain_words

T = TypeVar("T")

_AUTHENTICATION_FAILED = 18
_UNAUTHORIZED = 13


class UnusableMongodbError(Exception):
    """MongoDB cannot be used; the message is one line and repeats no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The address of MongoDB, the name of our database, and the time limit of an operation."""

    uri: str
    database: str
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDatabase:
    """The database, the deployment's id, and any remark on MongoDB."""

    database: Database
    deployment_id: str
    remark: Remark | None


@asynccontextmanager
async def opened(access: Access) -> AsyncIterator[OpenDatabase]:
    """Yield the database with its documents and indexes ready; raises ``UnusableMongodbError``.

    Before that, a write with a majority's acknowledgement and a majority read have succeeded.
    """
    async with prepared(access, by=_initialised) as (database, remark, deployment):
        yield OpenDatabase(database=database, deployment_id=deployment, remark=remark)


async def _initialised(database: Database) -> str:
    await initialise(database)
    return await deployment_id(database)


@asynccontextmanager
async def prepared(
    access: Access, *, by: Callable[[Database], Awaitable[T]]
) -> AsyncIterator[tuple[Database, Remark | None, T]]:
    """Yield the database of a suitable MongoDB, any remark on it, and what its preparation returned.

    Raises ``UnusableMongodbError``.
    """
    with in_one_line(access):
        client = connect(access.uri, timeout_s=access.timeout_s)
    async with client:
        with in_one_line(access):
            database = client[access.database]
            remark = await _examined(database, access.uri)
            made = await by(database)
        yield database, remark, made


async def _examined(database: Database, uri: str) -> Remark | None:
    """Return any remark on a suitable MongoDB; raises ``UnusableMongodbError`` and the driver's errors."""
    try:
        found = await examine(database.client)
    except ServerSelectionTimeoutError:
        found = await examine_seeds(uri)
        if found is None:
            raise
    if found is None or isinstance(found, Remark):
        return found
    raise UnusableMongodbError(found)


@contextmanager
def in_one_line(access: Access) -> Iterator[None]:
    """Raise ``UnusableMongodbError`` in the place of every error of MongoDB."""
    try:
        yield
    except IndexConflictError as conflict:
        raise UnusableMongodbError(str(conflict)) from conflict
    except ConfigurationError as malformed:
        raise UnusableMongodbError(_unusable(_misconfiguration(malformed))) from malformed
    except ServerSelectionTimeoutError as nobody:
        raise UnusableMongodbError(_unusable(in_plain_words(nobody))) from nobody
    except (PyMongoError, OSError) as problem:
        raise UnusableMongodbError(_reason(problem, access)) from problem
    except ValueError as malformed:  # like the driver's ConfigurationError
        raise UnusableMongodbError(_unusable("this is not a MongoDB URI")) from malformed


def _unusable(why: str) -> str:
    return f"MongoDB cannot be used: {why}"


def _misconfiguration(malformed: ConfigurationError) -> str:
    """Return the driver's objection; its own words may quote any part of the URI but the host."""
    if str(malformed).startswith("The DNS "):
        return first_line(malformed)
    return "the URI has a database name or an option unknown to MongoDB"


def _reason(problem: PyMongoError | OSError, access: Access) -> str:
    """Return why a reachable MongoDB cannot be used, and the remedy if there is a plain one."""
    if isinstance(problem, PyMongoError) and problem.timeout:
        return (
            f"MongoDB did not acknowledge a write by a majority within {access.timeout_s:g} s: "
            "check that a majority of the data-bearing members is up"
        )
    if isinstance(problem, OperationFailure):
        return _refusal(problem, access)
    return _unusable(first_line(problem))


def _refusal(refused: OperationFailure, access: Access) -> str:
    words = (refused.details or {}).get("errmsg", first_line(refused))
    if refused.code == _AUTHENTICATION_FAILED:
        return "MongoDB refuses user name or password: correct them, or name their database with authSource"
    if refused.code == _UNAUTHORIZED and "requires authentication" in words:
        return "MongoDB requires a user name and a password, and MONGODB_URI has none"
    if refused.code == _UNAUTHORIZED:
        return f"the user lacks rights in the database {access.database}: give it the role readWrite there"
    return _unusable(words[:300])
