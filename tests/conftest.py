"""The parts shared by all tests.

One real mongod serves the whole run; each test has a world of its own.
"""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from coverage import Coverage

from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.embedded_mongod.mongod import EmbeddedMongod
from graphql_api.following.change_feed import Feed
from graphql_api.following.subscription import MOST_WAITING
from graphql_api.http import console
from graphql_api.http.graphql.graphiql import ASSETS
from graphql_api.http.page_files import PAGE
from graphql_api.store.change_stream import ChangeStream
from graphql_api.store.database import Database, connect, initialise
from processes.nursery import Nursery
from tests.clients.node import install
from tests.memory_directory import memory_directory
from tests.watched import Watcher, watched_by
from tests.world import World, open_world

if TYPE_CHECKING:
    from playwright.async_api import Browser


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by its argument instead of bytes: a gzip has its time in it, another in each process."""
    return argname if isinstance(val, bytes) else None


MEASURED_VALUES = 2

# PyMongo leaves a socket to the garbage collector if its purpose is cancelled meanwhile. Over TCP it is known
# by its protocol, 6, which the other sockets of asyncio have, too: their transports warn for them.
LEFT_BY_PYMONGO = "ignore:unclosed <socket[.]socket .*(mongod[.]sock|proto=6, .*)>:ResourceWarning"


def pytest_configure() -> None:
    """Keep a file ``.env`` of the developer's out of the tests, and of the processes they start."""
    os.environ["GRAPHQL_API_ENV_FILE"] = os.devnull


def pytest_collection_finish() -> None:
    """Let no collection of garbage look again at the modules and tests of the whole run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[str]:
    """Yield the URI of an embedded mongod with the life of the test run."""
    on_disk: Path = tmp_path_factory.mktemp("mongod")
    with memory_directory(otherwise=on_disk) as data_dir, asyncio.Runner() as runner:
        mongod = EmbeddedMongod(data_dir)
        runner.run(mongod.__aenter__())
        pytestconfig.addinivalue_line("filterwarnings", LEFT_BY_PYMONGO)
        yield mongod.uri
        runner.run(mongod.__aexit__())


@pytest.fixture
async def database(mongodb_uri: str) -> AsyncIterator[Database]:
    """Yield an initialised database, empty before and after the test."""
    async with connect(mongodb_uri, timeout_s=10) as client:
        database = client["tests"]
        await initialise(database)
        yield database
        for name in await database.list_collection_names():
            await database[name].delete_many({})


@pytest.fixture
def watcher() -> Watcher:
    """Return a watcher of the database's client."""
    return Watcher()


@pytest.fixture
async def watched_database(mongodb_uri: str, watcher: Watcher) -> AsyncIterator[Database]:
    """Yield another initialised database, with a watched client."""
    async with watched_by(watcher, mongodb_uri) as database:
        yield database


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Yield an engine between the database and a sandbox, on the test's own clocks."""
    async with open_world(database) as world:
        yield world


@pytest.fixture
async def feed(database: Database, request: pytest.FixtureRequest) -> AsyncIterator[Feed]:
    """Yield a feed of the database's finetunings; its parameter is how many changes may wait."""
    feed = Feed(ChangeStream(database), most_waiting=getattr(request, "param", MOST_WAITING))
    yield feed
    await feed.close()


@pytest.fixture
async def sql_check() -> AsyncIterator[SqlCheck]:
    """Yield a check with warnings; its process ends with the test."""
    check = SqlCheck()
    yield check
    await check.close()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Yield the process to fork servers from."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="session")
def node_packages() -> None:
    """Have node and the clients' packages; a test without them is skipped, with the reason."""
    install()


@pytest.fixture(scope="session")
def built_page() -> Path:
    """Return the page built into this checkout."""
    page = ASSETS / PAGE
    if not page.is_file():
        pytest.skip("GraphiQL is not built: run make dev with Node.js 20.19, 22.12 or newer on PATH")
    return page


@pytest.fixture(scope="session")
def built_console_page() -> Path:
    """Return the console built into this checkout."""
    page = console.ASSETS / PAGE
    if not page.is_file():
        pytest.skip("The console is not built: run make dev with Node.js 20.19, 22.12 or newer on PATH")
    return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator["Browser"]:
    """Yield a browser without a page."""
    from tests.graphiql.workbench import chromium, open_browser  # most runs need no Playwright

    executable = chromium()
    if executable is None:
        pytest.skip("needs chromium on PATH (apt-get install chromium)")
    async with open_browser(executable) as browser:
        yield browser


@pytest.fixture
def untraced() -> Iterator[None]:
    """Pause the measurement of coverage: it doubles the time of a mere repetition."""
    with measurement_paused():
        yield


@pytest.fixture(autouse=True)
def _first_values_are_measured(request: pytest.FixtureRequest) -> Iterator[None]:
    """Measure coverage with the first two values of each parameter: the others run the same lines."""
    callspec = getattr(request.node, "callspec", None)
    is_measured = callspec is None or max(callspec.indices.values()) < MEASURED_VALUES
    with nullcontext() if is_measured else measurement_paused():
        yield


@contextmanager
def measurement_paused() -> Iterator[None]:
    """Measure no coverage inside."""
    paused = []
    while (measuring := Coverage.current()) is not None:  # pytest-cov's, and its own paused one
        measuring.stop()
        paused.append(measuring)
    yield
    for measuring in reversed(paused):
        measuring.start()
