"""Opens MongoDB, the one that is named or an embedded one, and says in one line why it cannot be used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import structlog
from pymongo.errors import (
    ConfigurationError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError, first_line
from graphql_api.store.database import Database, connect, deployment_id, initialise
from graphql_api.store.indexes import IndexConflictError
from graphql_api.store.suitability import Remark, examine, examine_seeds

if TYPE_CHECKING:
    from graphql_api.embedded_mongod.mongod import EmbeddedMongod

log = structlog.get_logger(__name__)

_AUTHENTICATION_FAILED = 18
_UNAUTHORIZED = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDatabase:
    """The database; ``watch`` keeps an embedded mongod running, and ends only if that is lost."""

    database: Database
    deployment_id: str
    remark: Remark | None
    watch: asyncio.Task[NoReturn] | None


async def open_database(stack: AsyncExitStack, settings: Settings) -> OpenDatabase:
    """Return the database, an embedded one if none is named; raises ``StartError``.

    By then a majority has acknowledged a write, and has been read.
    """
    uri, watch = await _mongodb_uri(stack, settings)
    async with _told_in_one_line(settings):
        client = await stack.enter_async_context(connect(uri, timeout_s=settings.mongodb_timeout_s))
        database = client[settings.mongodb_database]
        remark = await _examined(database, uri)
        await initialise(database)
        deployment = await deployment_id(database)
    return OpenDatabase(database=database, deployment_id=deployment, remark=remark, watch=watch)


async def _examined(database: Database, uri: str) -> Remark | None:
    try:
        found = await examine(database.client)
    except ServerSelectionTimeoutError:
        found = await examine_seeds(uri)
        if found is None:
            raise
    if found is None or isinstance(found, Remark):
        return found
    raise StartError(f"MONGODB_URI: {found}")


@asynccontextmanager
async def _told_in_one_line(settings: Settings) -> AsyncIterator[None]:
    """Raise whatever goes wrong as a ``StartError`` that names the setting and repeats no secret."""
    setting = "DATA_DIR" if settings.mongodb_uri is None else "MONGODB_URI"
    try:
        yield
    except IndexConflictError as conflict:
        raise StartError(f"{setting}: {conflict}") from conflict
    except ConfigurationError as malformed:
        raise StartError(f"{setting}: MongoDB cannot be used: {_misconfiguration(malformed)}") from malformed
    except ServerSelectionTimeoutError as nobody:
        raise StartError(f"{setting}: MongoDB cannot be used: {first_line(nobody)}") from nobody
    except (PyMongoError, OSError) as problem:
        raise StartError(f"{setting}: {_reason(problem, settings)}") from problem
    except ValueError as malformed:  # like the driver's ConfigurationError
        raise StartError(f"{setting}: MongoDB cannot be used: this is no MongoDB URI") from malformed


def _misconfiguration(malformed: ConfigurationError) -> str:
    """Return what the driver does not take; its own words may quote any part of the URI but the host."""
    if str(malformed).startswith("The DNS "):
        return first_line(malformed)
    return "the name of a database or an option in the URI is not one that MongoDB has"


def _reason(problem: PyMongoError | OSError, settings: Settings) -> str:
    """Return why MongoDB, which was found, cannot be used, and the remedy where there is a plain one."""
    if isinstance(problem, PyMongoError) and problem.timeout:
        return (
            f"MongoDB did not acknowledge a write by a majority within {settings.mongodb_timeout_s:g} s: "
            "see that a majority of the members that hold data is up"
        )
    if isinstance(problem, OperationFailure):
        return _refusal(problem, settings)
    return f"MongoDB cannot be used: {first_line(problem)}"


def _refusal(refused: OperationFailure, settings: Settings) -> str:
    words = (refused.details or {}).get("errmsg", first_line(refused))
    if refused.code == _AUTHENTICATION_FAILED:
        return "MongoDB refuses user name or password: mend them, or name their database with authSource"
    if refused.code == _UNAUTHORIZED and "requires authentication" in words:
        return "MongoDB asks for a user name and a password, and there are none"
    if refused.code == _UNAUTHORIZED:
        return (
            f"the user may not do in the database {settings.mongodb_database} what is needed: "
            "give it the role readWrite there"
        )
    return f"MongoDB cannot be used: {words[:300]}"


async def _mongodb_uri(
    stack: AsyncExitStack, settings: Settings
) -> tuple[str, asyncio.Task[NoReturn] | None]:
    """Return where MongoDB is, and what watches over it if it is ours."""
    if settings.mongodb_uri is not None:
        return settings.mongodb_uri.get_secret_value(), None
    from graphql_api.embedded_mongod.errors import EmbeddedMongodError, MongodNotFoundError
    from graphql_api.embedded_mongod.mongod import EmbeddedMongod

    try:
        mongod = EmbeddedMongod(settings.data_dir, binary=settings.mongod_binary)
        await stack.enter_async_context(mongod)
        watch = asyncio.create_task(_keep_running(mongod))
        stack.push_async_callback(_end, watch)  # before the mongod: what ends then is not started again
        return mongod.uri, watch  # noqa: TRY300 - the errors are those of the start
    except MongodNotFoundError as missing:
        raise StartError(f"MONGOD_BINARY: {missing}") from missing
    except EmbeddedMongodError as unusable:
        named = "DATA_DIR" if settings.mongod_binary is None else "DATA_DIR or MONGOD_BINARY"
        raise StartError(f"{named}: {unusable}") from unusable


async def _keep_running(mongod: "EmbeddedMongod") -> NoReturn:
    from graphql_api.embedded_mongod.errors import EmbeddedMongodError
    from graphql_api.embedded_mongod.watch import keep_running

    try:
        await keep_running(mongod)
    except EmbeddedMongodError as lost:
        raise StartError(f"DATA_DIR: the embedded MongoDB is lost: {lost}") from lost


async def _end(watch: asyncio.Task[NoReturn]) -> None:
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
