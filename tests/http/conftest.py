"""A server over the test's own world, and its clients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from graphql_api.access.budgets import UNLIMITED, Budgets
from graphql_api.access.gate import OPEN, Gate
from graphql_api.audit.log import AuditLog
from graphql_api.catalogue.sql_check import SqlCheck
from graphql_api.composition.app import build_app
from graphql_api.composition.resources import Resources
from graphql_api.composition.server import serving
from graphql_api.composition.settings import Settings
from graphql_api.composition.worker import Worker
from graphql_api.documents import Finetuning
from graphql_api.engine.driving import work_once
from graphql_api.following.change_feed import Feed
from graphql_api.http import hosts, origins
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.http.hosts import LOOPBACK
from graphql_api.store.change_stream import ChangeStream
from graphql_api.store.database import Database
from tests.http.faces import ABSENT, FACES, Answer, Face, told
from tests.http.graphql import event_stream_client
from tests.http.graphql.streams import Served, served
from tests.world import UNCHECKED, World, open_world

NAMES = ("app", "worker", "api.example.com")
"""The hosts of clients without a socket, and of a page that is a site of its own."""
SETTINGS = Settings(port=0, worker="off", allowed_hosts=(*LOOPBACK, *NAMES))


def resources_of(
    world: World,
    *,
    sql_check: SqlCheck = UNCHECKED,
    gate: Gate = OPEN,
    budgets: Budgets = UNLIMITED,
    audit: AuditLog | None = None,
) -> Resources:
    """Return the world's parts as the server takes them; nothing works in the background."""
    engine = world.engine
    return Resources(
        database=world.database,
        gate=gate,
        budgets=budgets,
        audit=audit,
        engine=engine,
        feed=Feed(ChangeStream(world.database)),
        sql_check=sql_check,
        worker=Worker(lambda: work_once(engine), slots=1, idle_s=60),
        upkeep=Worker(_nothing, slots=1, idle_s=60),
        log_sync=Worker(_nothing, slots=1, idle_s=60),
        provider_url=world.server.base_url,
    )


async def _nothing() -> bool:
    return False


@asynccontextmanager
async def client_of(
    world: World,
    *,
    gate: Gate = OPEN,
    budgets: Budgets = UNLIMITED,
    audit: AuditLog | None = None,
    **settings: object,
) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve the world on a loopback port and yield a client of it."""
    resources = resources_of(world, gate=gate, budgets=budgets, audit=audit)
    async with (
        serving(SETTINGS.model_copy(update=settings), resources) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False, timeout=20) as http,
    ):
        yield http


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One face of a served world."""

    world: World
    http: httpx2.AsyncClient
    face: Face

    async def cancel(self, finetuning: Finetuning | str, metadata: Any = ABSENT) -> Answer:
        """Ask for a cancel through this face."""
        finetuning_id = finetuning if isinstance(finetuning, str) else str(finetuning.id)
        return await self.face.cancel(self.http, finetuning_id, metadata)

    async def cancel_told(
        self, finetuning: Finetuning, metadata: Any = ABSENT, *, http_status: int
    ) -> Finetuning:
        """Cancel, hold every field of the answer to the stored document, and return the answer."""
        answer = await self.cancel(finetuning, metadata)
        stored = await self.world.read(finetuning)
        assert answer.http_status == self.face.http_status(http_status)
        assert answer.finetuning == told(stored)
        assert stored.cancellation is not None
        if answer.cancellation is not None:
            assert answer.cancellation == stored.cancellation.model_dump(exclude={"under_way_since"})
        return stored

    async def refused(
        self, finetuning: Finetuning | str, metadata: Any = ABSENT, *, http_status: int
    ) -> Answer:
        """Cancel, expecting an error with this status."""
        answer = await self.cancel(finetuning, metadata)
        assert answer.http_status == self.face.http_status(http_status)
        assert answer.finetuning is None
        return answer

    def details(self, **given: object) -> dict[str, object]:
        """Return the details of an error as this face spells them."""
        return {self.face.detail(name): value for name, value in given.items()}


@pytest.fixture(autouse=True)
def _every_refusal_is_logged() -> None:
    """Hold no line back because of an earlier test."""
    tell_again()


def tell_again() -> None:
    """Log the next refusal, however soon it comes after the last one."""
    for module in (hosts, origins):
        module.log.throttle.forget()


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """Yield a world with time to answer: only a provider told to stay silent is silent."""
    async with open_world(database, call_timeout_s=5) as world:
        yield world


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of a server over the world."""
    async with client_of(world) as http:
        yield http


@pytest.fixture(params=FACES, ids=lambda face: face.name)
def face(request: pytest.FixtureRequest) -> Face:
    """Yield each face."""
    face: Face = request.param
    return face


@pytest.fixture
def api(world: World, http: httpx2.AsyncClient, face: Face) -> Api:
    """Yield each face of the served world."""
    return Api(world=world, http=http, face=face)


@asynccontextmanager
async def quick_client_of(world: World, **settings: object) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of the world's application itself, for tables without need of a socket."""
    configured = SETTINGS.model_copy(update=settings)
    subscribers = Subscribers(most=1, keep_alive_s=15)
    app = build_app(configured, resources_of(world), subscribers=subscribers)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://app") as http:
        yield http


@pytest.fixture
async def quick_http(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of the world's application itself."""
    async with quick_client_of(world) as http:
        yield http


@pytest.fixture
def quick_api(world: World, quick_http: httpx2.AsyncClient, face: Face) -> Api:
    """Yield each face of the world's application, without a socket."""
    return Api(world=world, http=quick_http, face=face)


@pytest.fixture
async def streaming() -> AsyncIterator[Served]:
    """Yield a server of the small schema with the default settings."""
    async with served() as server:
        yield server


@pytest.fixture
async def event_http(streaming: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield a client of the server."""
    async with event_stream_client.client_of(streaming) as http:
        yield http
