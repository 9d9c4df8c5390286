"""Serves with uvicorn until a signal, on our own socket."""

import asyncio
import resource
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from math import ceil

import structlog
import uvicorn
from starlette.types import ASGIApp

from graphql_api import __version__
from graphql_api.address import url_of
from graphql_api.composition.app import (
    build_app,
    build_operations_app,
    build_worker_app,
    model_policy,
)
from graphql_api.composition.authentication import check_exposure, in_one_line
from graphql_api.composition.garbage import collect_when_idle, settle
from graphql_api.composition.resources import Resources, open_resources, working
from graphql_api.composition.sample_data import store_sample_data, store_sample_finetunings
from graphql_api.composition.settings import Settings
from graphql_api.composition.shutdown import REQUESTS_SHARE, stopped_by_signal
from graphql_api.composition.start_error import StartError
from graphql_api.http import console
from graphql_api.http.graphql import graphiql
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.http.wire.budget import Budget
from graphql_api.http.wire.connections import Connections, most_connections
from graphql_api.http.wire.http_protocol import HttpProtocol
from graphql_api.http.wire.server_config import Wire, WireConfig
from graphql_api.http.wire.websocket_protocol import WebSocketProtocol
from graphql_api.sandbox import openai, together
from graphql_api.sandbox.server import StandInServer
from graphql_api.sandbox.stand_in import StandIn
from graphql_api.turns import LoopTurns

log = structlog.get_logger(__name__)

SWITCH_INTERVAL_S = 0.0005
"""How long a thread, which prepares a large document, keeps the event loop from going on."""
BACKLOG = 2_048
"""The connections that the system keeps until they are accepted."""
ACCEPTED_AT_ONCE = 4
"""The connections accepted in one turn of the event loop: others have theirs within a millisecond."""
OPERATORS_CONNECTIONS = 50
"""The most connections to the port for operators: a part of the files kept from the other port."""
SUBSCRIBERS_SHARE = 0.75
"""The share of all connections for subscribers; the others are for requests."""


def _openai(running_s: float) -> StandIn:
    return openai.Sandbox(account=openai.Account(durations=openai.Durations(running_s=running_s)))


def _together(running_s: float) -> StandIn:
    return together.Sandbox(account=together.Account(durations=together.Durations(running_s=running_s)))


_STAND_INS: dict[str, Callable[[float], StandIn]] = {"openai": _openai, "together": _together}
"""The stand-ins by their providers' names, each from the seconds that a job trains."""


async def serve(settings: Settings, *, sandbox: bool, sample_data: bool) -> None:
    """Serve up to SIGINT or SIGTERM; finish requests in flight, then release leases and MongoDB in order."""
    check_exposure(settings)
    stopped = stopped_by_signal(within_s=settings.shutdown_s)
    allow_open_files()
    async with open_resources(settings, sandbox=sandbox) as resources:
        if sample_data:
            await _store_samples(settings, resources)
        async with serving(settings, resources) as url:
            settle()
            collecting = asyncio.create_task(collect_when_idle())
            sys.setswitchinterval(SWITCH_INTERVAL_S)
            graphiql.warn_unless_built()
            console.warn_unless_built()
            provider = resources.provider_url or "OpenAI"
            callers = in_one_line(settings)
            log.info(
                "serving", graphql=f"{url}/graphql", provider=provider, callers=callers, version=__version__
            )
            await resources.until(stopped)
            collecting.cancel()
            log.info("stopping")


async def _store_samples(settings: Settings, resources: Resources) -> None:
    connection = await store_sample_data(resources.sql_check)
    if connection is not None and resources.sandbox is not None:
        policy = model_policy(settings, resources)
        await store_sample_finetunings(
            connection, engine=resources.engine, policy=policy, sandbox=resources.sandbox
        )


async def serve_sandbox(settings: Settings, *, provider: str, host: str, port: int, running_s: float) -> None:
    """Serve the stand-in for ``openai`` or ``together`` alone, up to SIGINT or SIGTERM."""
    stopped = stopped_by_signal(within_s=settings.shutdown_s)
    stand_in = _STAND_INS[provider](running_s)
    try:
        async with StandInServer(stand_in, host=host, port=port) as server:
            told = f"sandbox: a stand-in for {stand_in.provider}, nothing is trained"
            log.info(told, base_url=server.base_url)
            await stopped.wait()
    except (OSError, ValueError) as unusable:
        raise StartError(f"cannot serve the sandbox on {host} port {port}: {unusable}") from unusable


async def work(settings: Settings, *, port: int | None) -> None:
    """Work in the background up to SIGINT or SIGTERM; serve health and metrics on ``port``, if any."""
    if port is not None:
        check_exposure(settings)
        allow_open_files()
    stopped = stopped_by_signal(within_s=settings.shutdown_s)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(open_resources(settings))
        operators_url = await stack.enter_async_context(operators_served(settings, resources))
        shown = {} if operators_url is None else {"metrics": f"{operators_url}/metrics"}
        if port is not None:
            app = build_worker_app(settings, resources)
            listener = stack.enter_context(listen(settings.host, port, unread_s=settings.keep_alive_s))
            await stack.enter_async_context(answering(app, listener, settings=settings))
            shown = {"metrics": f"{url_of(*listener.getsockname()[:2])}/metrics", **shown}
        await stack.enter_async_context(working(resources))
        provider = resources.provider_url or "OpenAI"
        log.info("working", provider=provider, **shown, version=__version__)
        await resources.until(stopped)
        log.info("stopping")


@asynccontextmanager
async def serving(settings: Settings, resources: Resources) -> AsyncIterator[str]:
    """Serve the resources and yield the URL; at the end, stop the worker, then finish requests in flight."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(operators_served(settings, resources))
        listener = stack.enter_context(listen(settings.host, settings.port, unread_s=settings.keep_alive_s))
        most = min(settings.max_subscribers, int(places(settings) * SUBSCRIBERS_SHARE))
        subscribers = Subscribers(most=most, keep_alive_s=settings.keep_alive_s)
        app = build_app(settings, resources, subscribers=subscribers)
        served = answering(app, listener, settings=settings, turns=resources.turns)
        await stack.enter_async_context(served)
        stack.callback(subscribers.leaving.set)  # otherwise their streams would be broken off
        if settings.worker == "on":  # opened last, closed first: no new work during the last requests
            await stack.enter_async_context(working(resources))
        yield url_of(*listener.getsockname()[:2])


@asynccontextmanager
async def operators_served(settings: Settings, resources: Resources) -> AsyncIterator[str | None]:
    """Serve health and metrics to operators, if they have a port of their own; yield its URL."""
    if settings.operations_port is None:
        yield None
        return
    host, port = settings.operations_host, settings.operations_port
    with listen(
        host, port, unread_s=settings.keep_alive_s, named="OPERATIONS_HOST, OPERATIONS_PORT"
    ) as listener:
        url, few = url_of(*listener.getsockname()[:2]), {"max_connections": OPERATORS_CONNECTIONS}
        app = build_operations_app(settings, resources)
        async with answering(app, listener, settings=settings.model_copy(update=few)):
            log.info("serving operators", metrics=f"{url}/metrics")
            yield url


def listen(host: str, port: int, *, unread_s: float, named: str = "HOST, PORT") -> socket.socket:
    """Return a listening socket; raises ``StartError`` if the address is not available.

    A client loses its connection if it leaves data unread for longer than ``unread_s`` seconds.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as taken:
        reason = str(taken.strerror).partition(" (while ")[0]  # the rest repeats the address
        raise StartError(f"{named}: cannot listen on {host} port {port}: {reason}") from taken
    # asyncio leaves this to us. Without it an answer's body waits for the acknowledgement of its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # outside Linux the system's own time limit applies
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, ceil(1000 * unread_s))
    return listener


@asynccontextmanager
async def answering(
    app: ASGIApp, listener: socket.socket, *, settings: Settings, turns: LoopTurns | None = None
) -> AsyncIterator[None]:
    """Serve the application with uvicorn on a listening socket; at the end, finish requests in flight.

    ``turns`` are those of the application.
    """
    config = WireConfig(
        app,
        wire=_wire(settings, turns=turns or LoopTurns()),
        http=HttpProtocol,
        ws=WebSocketProtocol,
        backlog=ACCEPTED_AT_ONCE,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(settings.forwarded_allow_ips),
        timeout_graceful_shutdown=max(1, int(settings.shutdown_s * REQUESTS_SHARE)),
        ws_max_size=settings.max_body_bytes,
        ws_ping_interval=settings.keep_alive_s,
        ws_ping_timeout=settings.keep_alive_s,
        ws_per_message_deflate=False,  # it would keep a window of memory for every idle subscriber
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        # A broken-off request gives its lease back before MongoDB is closed.
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, with more room for connections in the system than asyncio accepts at once."""
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(BACKLOG)


def _wire(settings: Settings, *, turns: LoopTurns) -> Wire:
    """Return what the connections of one server share."""
    return Wire(
        head_s=settings.request_head_s,
        body_s=settings.request_body_s,
        unread_s=settings.keep_alive_s,
        connections=Connections(places(settings)),
        unread=Budget(settings.max_bodies_bytes),
        turns=turns,
    )


def places(settings: Settings) -> int:
    """Return how many connections may be open, by the settings and the limit of open files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most_connections(settings.max_connections, files=files)


def allow_open_files() -> None:
    """Raise the soft limit of open files to the hard limit: each subscriber needs a file."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # some systems refuse their own hard limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
