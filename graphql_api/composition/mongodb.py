"""Opens the MongoDB of the settings, or an embedded one."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NoReturn

from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.store.opening import Access, OpenDatabase, UnusableMongodbError, opened

if TYPE_CHECKING:
    from graphql_api.embedded_mongod.mongod import EmbeddedMongod

Watch = asyncio.Task[NoReturn]
"""Keeps an embedded mongod running; ends only with its loss."""


async def open_database(
    stack: AsyncExitStack, settings: Settings, *, beside_a_server: bool = False
) -> tuple[OpenDatabase, Watch | None]:
    """Return the database; an embedded one if the settings name no other; raises ``StartError``.

    ``beside_a_server``: the embedded mongod of a running server will do; otherwise one is started.
    """
    uri, watch = None, None
    if beside_a_server and settings.mongodb_uri is None:
        from graphql_api.embedded_mongod.unix_socket import running_uri

        uri = running_uri(settings.data_dir)
    if uri is None:
        uri, watch = await mongodb_address(stack, settings)
    access = Access(uri=uri, database=settings.mongodb_database, timeout_s=settings.mongodb_timeout_s)
    try:
        return await stack.enter_async_context(opened(access)), watch
    except UnusableMongodbError as unusable:
        setting = "DATA_DIR" if settings.mongodb_uri is None else "MONGODB_URI"
        raise StartError(f"{setting}: {unusable}") from unusable


async def mongodb_address(stack: AsyncExitStack, settings: Settings) -> tuple[str, Watch | None]:
    """Return the URI of MongoDB, and the watch over an embedded one; raises ``StartError``."""
    if settings.mongodb_uri is not None:
        return settings.mongodb_uri.get_secret_value(), None
    from graphql_api.embedded_mongod.errors import EmbeddedMongodError, MongodNotFoundError
    from graphql_api.embedded_mongod.mongod import EmbeddedMongod

    try:
        mongod = EmbeddedMongod(settings.data_dir, binary=settings.mongod_binary)
        await stack.enter_async_context(mongod)
        watch = asyncio.create_task(_keep_running(mongod))
        stack.push_async_callback(_end, watch)  # before the mongod: an ended mongod is then not started again
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


async def _end(watch: Watch) -> None:
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
