"""A small schema with every kind of stream.

Its server is for the transports alone, without MongoDB.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from graphql_api.access.errors import UnauthenticatedError
from graphql_api.access.gate import Gate
from graphql_api.caller import ANONYMOUS, Caller
from graphql_api.composition.server import answering, listen
from graphql_api.composition.settings import Settings
from graphql_api.errors import BadUserInputError, ExpectedError
from graphql_api.http.authentication import Authentication
from graphql_api.http.graphql.graphiql import GraphiQL
from graphql_api.http.graphql.persisted import documents_from
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.http.graphql.view import GraphQLView
from graphql_api.http.graphql.websocket import WebSocketView
from graphql_api.http.hosts import LOOPBACK
from graphql_api.http.middleware import outer_middleware
from graphql_api.http.wire.budget import Budget
from graphql_api.schema import Schema
from graphql_api.schema.execution.errors import ErrorCodes
from graphql_api.schema.execution.limits import DEFAULT_LIMITS
from graphql_api.schema.execution.preparation import Preparations
from graphql_api.schema.requires import requires
from graphql_api.schema.workload import Workload
from graphql_api.turns import LoopTurns

SETTINGS = Settings(port=0, shutdown_s=20)
BLOCK = "x" * 100_000


class TooSlowError(ExpectedError):
    """A source's error for a slow reader."""

    code = "SUBSCRIBER_TOO_SLOW"


@dataclass(kw_only=True)
class Source:
    """The ends of the streams of one server."""

    listening: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    pulled: int = 0
    open: int = 0
    added: int = 0


@dataclass(kw_only=True)
class Context:
    """The context of the resolvers."""

    request_id: str
    caller: Caller
    source: Source
    turns: LoopTurns
    audit: None = None
    started: asyncio.Event = field(default_factory=asyncio.Event)
    workload: Workload = field(default_factory=Workload)


Info = strawberry.Info[Context, None]


@strawberry.type
class Thing:
    """Something with a working field and a failing one."""

    number: int

    @strawberry.field(directives=requires())
    def broken(self) -> str | None:
        """Fail with an error for the client's eyes."""
        raise BadUserInputError("no such thing", argument="thing")


@strawberry.type
class Query:
    """Single answers."""

    @strawberry.field(directives=requires())
    def hello(self, name: str = "you") -> str:
        """Greet."""
        return f"hello {name}"

    @strawberry.field(directives=requires())
    def whoami(self, info: Info) -> list[str | None]:
        """Tell the caller's subject and the log's id of this request."""
        return [info.context.caller.subject, info.context.request_id]

    @strawberry.field(directives=requires())
    def fails(self) -> str | None:
        """Fail with an error for the client's eyes."""
        raise BadUserInputError("no such thing", argument="thing")

    @strawberry.field(directives=requires())
    def crashes(self) -> str | None:
        """Fail in an unexpected way."""
        raise RuntimeError("a secret")


@strawberry.type
class Mutation:
    """A change."""

    @strawberry.mutation(directives=requires())
    async def wait(self, info: Info) -> int:
        """Change something when told to."""
        info.context.source.listening.set()
        await info.context.source.goes_on.wait()
        return 1

    @strawberry.mutation(directives=requires())
    def add(self, info: Info, number: int) -> int:
        """Add a number to all others."""
        info.context.source.added += number
        return info.context.source.added


@strawberry.type
class Subscription:
    """Streams."""

    @strawberry.subscription(directives=requires())
    async def count(self, to: int) -> AsyncIterator[int]:
        """Count."""
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription(directives=requires())
    async def things(self) -> AsyncIterator[Thing]:
        """Yield two things."""
        for number in (1, 2):
            yield Thing(number=number)

    @strawberry.subscription(directives=requires())
    async def fails(self, after: int) -> AsyncIterator[int]:
        """Fail with an error for the client's eyes, after so many events."""
        for number in range(after):
            yield number
        raise TooSlowError("read faster", missed=7)

    @strawberry.subscription(directives=requires())
    async def crashes(self) -> AsyncIterator[int]:
        """Fail in an unexpected way."""
        yield 1
        raise RuntimeError("a secret")

    @strawberry.subscription(directives=requires())
    async def refused(self, info: Info) -> AsyncIterator[int]:
        """Fail after having looked something up."""
        await asyncio.sleep(0)
        if info.context.source.pulled == 0:
            raise BadUserInputError("no such thing", argument="thing")
        yield 1

    @strawberry.subscription(directives=requires())
    async def silent(self, info: Info) -> AsyncIterator[int]:
        """Say nothing before it is told to, and notice the end."""
        source = info.context.source
        source.open += 1
        source.listening.set()
        info.context.started.set()
        try:
            await source.goes_on.wait()
            yield 1
        finally:
            source.open -= 1
            source.closed.set()

    @strawberry.subscription(directives=requires())
    async def flood(self, info: Info) -> AsyncIterator[str]:
        """Yield without end as fast as it is read."""
        source = info.context.source
        source.listening.set()
        info.context.started.set()
        try:
            while True:
                source.pulled += 1
                yield BLOCK
        finally:
            source.closed.set()


class ByName(Gate):
    """Takes the token for the caller's name; "nobody" is refused, and "crash" is a fault of ours."""

    async def caller(self, token: str | None, *, address: str | None) -> Caller:
        """Return the caller; without a token, the anonymous one."""
        if token == "nobody":
            raise UnauthenticatedError("nobody may connect")
        if token == "crash":
            raise KeyError("user")
        return ANONYMOUS if token is None else Caller(subject=token)


SCHEMA = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=[ErrorCodes, Preparations(limits=DEFAULT_LIMITS).step],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server on a loopback port."""

    port: int
    source: Source
    subscribers: Subscribers

    @property
    def address(self) -> str:
        """Return the host and port."""
        return f"127.0.0.1:{self.port}"


def app_of(
    source: Source,
    subscribers: Subscribers,
    *,
    settings: Settings = SETTINGS,
    origins: tuple[str, ...] = (),
    turns: LoopTurns | None = None,
) -> Starlette:
    """Return the application over the schema, its transports as the real one has them."""
    turns = turns or LoopTurns()

    def context_for(request_id: str, caller: Caller) -> Context:
        if caller.subject == "broken":
            raise RuntimeError("a secret")
        return Context(request_id=request_id, caller=caller, source=source, turns=turns)

    gate = ByName()
    documents = documents_from(None, automatic=settings.persisted_queries == "automatic")
    websocket = WebSocketView(
        SCHEMA,
        gate=gate,
        turns=turns,
        context_for=context_for,
        subscribers=subscribers,
        origins=origins,
        init_s=settings.websocket_init_s,
        most_operations=settings.max_operations,
        documents=documents,
    )
    http = GraphQLView(
        SCHEMA,
        context_for=context_for,
        graphiql=GraphiQL(),
        subscribers=subscribers,
        documents=documents,
    )
    routes = [Route("/graphql", http), WebSocketRoute("/graphql", websocket)]
    around = outer_middleware(
        hosts=LOOPBACK,
        largest_body_bytes=settings.max_body_bytes,
        bodies=Budget(settings.max_bodies_bytes),
        cors_origins=origins,
    )
    around.append(Middleware(Authentication, gate=gate, public=["/graphql"]))
    return Starlette(routes=routes, middleware=around)


@asynccontextmanager
async def served(
    *, origins: tuple[str, ...] = (), turns: LoopTurns | None = None, **changed: Any
) -> AsyncIterator[Served]:
    """Serve the schema with these settings as the real server does."""
    settings = SETTINGS.model_copy(update=changed)
    subscribers = Subscribers(most=settings.max_subscribers, keep_alive_s=settings.keep_alive_s)
    source = Source()
    app = app_of(source, subscribers, settings=settings, origins=origins, turns=turns)
    with listen(settings.host, 0, unread_s=settings.keep_alive_s) as listener:
        async with answering(app, listener, settings=settings):
            yield Served(port=listener.getsockname()[1], source=source, subscribers=subscribers)
            subscribers.leaving.set()
