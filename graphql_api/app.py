"""The composition root: settings become resources, resources become the application, in one visible place."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from graphql_api.caller import ANONYMOUS, Caller, anonymous_for
from graphql_api.documents import Database, connect, deployment_id, initialise
from graphql_api.errors import ExpectedError
from graphql_api.finetunings.advance import work_once
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.finetunings.cancel import cancel
from graphql_api.finetunings.chores import Chores
from graphql_api.finetunings.engine import Engine
from graphql_api.finetunings.feed import Feed
from graphql_api.finetunings.hints import take_hint
from graphql_api.finetunings.leases import LeasedFinetunings
from graphql_api.finetunings.log_sync import LogSync
from graphql_api.finetunings.provider_log import ProviderLog
from graphql_api.finetunings.sql_check import SqlCheck
from graphql_api.finetunings.store import FinetuningStore
from graphql_api.finetunings.timing import Timing
from graphql_api.finetunings.upkeep import Upkeep, gauge_overdue
from graphql_api.finetunings.upkeep_store import UpkeepStore
from graphql_api.http import health, problems
from graphql_api.http.front import front_endpoint
from graphql_api.http.graphiql import GraphiQL
from graphql_api.http.graphql import GraphQLView
from graphql_api.http.graphql_response import Edition
from graphql_api.http.metrics import metrics_endpoint
from graphql_api.http.middleware import outer_middleware
from graphql_api.http.persisted import documents_from, read_trusted
from graphql_api.http.rest import cancel_endpoint
from graphql_api.http.subscribers import Subscribers
from graphql_api.http.webhooks import webhook_endpoint
from graphql_api.http.websocket import WebSocketView
from graphql_api.providers.openai import OpenAIProvider
from graphql_api.providers.port import ProviderFault, ProviderHint
from graphql_api.providers.registry import Providers
from graphql_api.schema import Context, Limits, Services, build_schema
from graphql_api.settings import Settings
from graphql_api.worker import Worker

SANDBOX_KEY = SecretStr("sk-sandbox")
SANDBOX_SYNC_INTERVAL_S = 1.0
"""The sandbox's jobs are short, and asking it costs nothing."""
CANCEL_PATH = "/api/v1/finetunings/{finetuning_id}/cancel"


class StartError(Exception):
    """The server cannot start; the message is one line that tells the operator why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Everything that was opened and is closed again, the last one first."""

    database: Database
    providers: Providers
    engine: Engine
    feed: Feed
    worker: Worker
    upkeep: Worker
    log_sync: Worker
    provider_url: str | None


@asynccontextmanager
async def open_resources(settings: Settings, *, sandbox: bool = False) -> AsyncIterator[Resources]:
    """Open MongoDB, the provider and the engine; raises ``StartError`` or ``EmbeddedMongodError``."""
    async with AsyncExitStack() as stack:
        provider_url = await _sandbox_url(stack, settings) if sandbox else settings.openai_base_url
        key = SANDBOX_KEY if sandbox else settings.openai_api_key
        if key is None:
            raise StartError("OPENAI_API_KEY is not set; set it, or start with --sandbox to try things out")
        database = await _open_database(stack, settings)
        providers = _providers(settings, key=key, base_url=provider_url)
        stack.push_async_callback(providers.close)
        deployment = await deployment_id(database)
        feed = Feed(database["finetunings"])
        stack.push_async_callback(feed.close)
        engine = _engine(settings, database, providers, deployment=deployment, sandbox=sandbox)
        yield Resources(
            database=database,
            providers=providers,
            engine=engine,
            feed=feed,
            worker=_worker(settings, engine),
            upkeep=_upkeep(settings, database, engine),
            log_sync=_log_sync(settings, database, engine),
            provider_url=provider_url,
        )


@asynccontextmanager
async def working(resources: Resources) -> AsyncIterator[None]:
    """Work and do the upkeep in the background; at the end all leases are given back."""
    workers = (resources.worker, resources.upkeep, resources.log_sync)
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def build_app(settings: Settings, resources: Resources, *, subscribers: Subscribers) -> Starlette:
    """Return the application over open resources."""
    trusted = _trusted(settings.trusted_documents)
    schema = build_schema(
        Limits(depth=settings.max_query_depth, cost=settings.max_query_cost),
        trusted=None if trusted is None else frozenset(trusted.values()),
        metrics=resources.engine.metrics,
    )
    policy = ModelPolicy(
        default_model=settings.default_model,
        allowed=settings.allowed_models,
        providers=resources.providers.names,
    )
    services = Services(
        engine=resources.engine,
        models=policy,
        wake_worker=resources.worker.wake,
        sql_check=SqlCheck(settings.sql_check),
        feed=resources.feed,
    )

    def context_for(request_id: str, caller: Caller = ANONYMOUS) -> Context:
        return Context(caller=caller, request_id=request_id, services=services)

    graphiql = GraphiQL()
    sdl = schema.as_str() + "\n"
    return Starlette(
        routes=[
            Route("/", front_endpoint()),
            Route(
                "/graphql",
                GraphQLView(
                    schema,
                    context_for=context_for,
                    graphiql=graphiql,
                    subscribers=subscribers,
                    metrics=resources.engine.metrics,
                    documents=documents_from(trusted, automatic=settings.persisted_queries == "automatic"),
                    edition=Edition(settings.graphql_http_edition),
                ),
            ),
            *graphiql.routes,
            WebSocketRoute(
                "/graphql",
                WebSocketView(
                    schema,
                    caller_of=anonymous_for,
                    context_for=context_for,
                    subscribers=subscribers,
                    origins=settings.cors_origins,
                    init_s=settings.websocket_init_s,
                    most_operations=settings.max_operations,
                ),
            ),
            Route(CANCEL_PATH, cancel_endpoint(partial(cancel, engine=resources.engine)), methods=["POST"]),
            Route("/schema.graphql", lambda _: PlainTextResponse(sdl)),
            *_webhooks(settings.openai_webhook_secret, resources),
            *_operations(settings, resources),
        ],
        middleware=[
            *outer_middleware(largest_body_bytes=settings.max_body_bytes, cors_origins=settings.cors_origins),
            # As a handler of the application it would answer without the request's id, and raise the
            # error once more for uvicorn to log.
            Middleware(
                ExceptionMiddleware,
                handlers={ClientDisconnect: problems.gone, Exception: problems.unexpected},
            ),
        ],
        exception_handlers={ExpectedError: problems.expected, HTTPException: problems.refused},
    )


def build_worker_app(settings: Settings, resources: Resources) -> Starlette:
    """Return what a process that only works has to show: its health and its metrics."""
    return Starlette(routes=_operations(settings, resources))


def _operations(settings: Settings, resources: Resources) -> list[Route]:
    checks = {"mongodb": partial(_mongodb_problem, resources.database)}
    told = {"provider": resources.provider_url or "OpenAI"}
    gauge = partial(gauge_overdue, resources.engine, overdue_s=settings.overdue_s)
    return [
        Route("/metrics", metrics_endpoint(resources.engine.metrics, refresh=gauge)),
        Route("/livez", health.livez),
        Route("/readyz", health.readyz_endpoint(checks, settings=told)),
    ]


def _worker(settings: Settings, engine: Engine) -> Worker:
    return Worker(partial(work_once, engine), slots=settings.worker_slots, idle_s=settings.worker_idle_s)


def _upkeep(settings: Settings, database: Database, engine: Engine) -> Worker:
    upkeep = Upkeep(
        engine=engine,
        provider=engine.provider_named("openai"),
        chores=Chores(database["chores"]),
        sweep_mode=settings.sweep,
        sweep_interval_s=settings.sweep_interval_s,
        overdue_s=settings.overdue_s,
    )
    return Worker(upkeep.do_due, slots=1, idle_s=settings.worker_idle_s)


def _log_sync(settings: Settings, database: Database, engine: Engine) -> Worker:
    leased = LeasedFinetunings(database["finetunings"], owner="log", lease_s=settings.lease_s)
    log_sync = LogSync(engine=engine, log=ProviderLog(leased), chores=Chores(database["chores"]))
    return Worker(log_sync.do_due, slots=1, idle_s=settings.worker_idle_s)


def _webhooks(secret: SecretStr | None, resources: Resources) -> list[Route]:
    """Return the webhook's route, and none without a secret."""
    if secret is None:
        return []
    provider = resources.providers.named("openai")

    async def take(hint: ProviderHint) -> None:
        if await take_hint(hint, engine=resources.engine):
            resources.worker.wake()

    read = partial(provider.read_webhook, secret=secret.get_secret_value())
    return [Route("/webhooks/openai", webhook_endpoint(read, take), methods=["POST"])]


def _engine(
    settings: Settings, database: Database, providers: Providers, *, deployment: str, sandbox: bool
) -> Engine:
    sync_interval_s = settings.sync_interval_s
    timing = Timing(
        lease_s=settings.lease_s,
        submit_limit_s=settings.openai_timeout_s,
        grace_s=settings.grace_s,
        sync_interval_s=min(sync_interval_s, SANDBOX_SYNC_INTERVAL_S) if sandbox else sync_interval_s,
        backoff_cap_s=settings.backoff_cap_s,
        cancel_budget_s=settings.cancel_budget_s,
    )
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    leased = LeasedFinetunings(database["finetunings"], owner=owner, lease_s=timing.lease_s)
    return Engine(
        store=FinetuningStore(leased),
        upkeep=UpkeepStore(leased),
        deployment_id=deployment,
        provider_named=providers.named,
        timing=timing,
    )


def _providers(settings: Settings, *, key: SecretStr, base_url: str | None) -> Providers:
    try:
        provider = OpenAIProvider(
            key,
            base_url,
            call_timeout_s=settings.openai_timeout_s,
            upload_timeout_s=settings.openai_upload_timeout_s,
        )
    except ProviderFault as unusable:
        raise StartError(f"OPENAI_API_KEY or OPENAI_BASE_URL: {unusable.message}") from unusable
    return Providers({"openai": provider})


async def _open_database(stack: AsyncExitStack, settings: Settings) -> Database:
    uri = await _mongodb_uri(stack, settings)
    try:
        client = await stack.enter_async_context(connect(uri, timeout_s=settings.mongodb_timeout_s))
        database = client[settings.mongodb_database]
        await initialise(database)
    except (PyMongoError, OSError) as problem:
        raise StartError(f"MONGODB_URI: MongoDB cannot be used: {_first_line(problem)}") from problem
    except ValueError as malformed:  # its message may quote a part of the URI
        raise StartError(
            "MONGODB_URI: MongoDB cannot be used: this is no MongoDB URI; "
            "user name and password must be percent-encoded"
        ) from malformed
    return database


async def _mongodb_uri(stack: AsyncExitStack, settings: Settings) -> str:
    if settings.mongodb_uri is not None:
        return settings.mongodb_uri.get_secret_value()
    from graphql_api.sandbox.mongod import EmbeddedMongod

    mongod = EmbeddedMongod(settings.data_dir, binary=settings.mongod_binary)
    return (await stack.enter_async_context(mongod)).uri


async def _sandbox_url(stack: AsyncExitStack, settings: Settings) -> str:
    from graphql_api.sandbox.openai import Sandbox, SandboxServer

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        sandbox = Sandbox(state_file=settings.data_dir / "sandbox.json")
    except (OSError, ValueError) as unusable:
        raise StartError(
            f"DATA_DIR: the sandbox cannot keep its state: {_first_line(unusable)}"
        ) from unusable
    return (await stack.enter_async_context(SandboxServer(sandbox))).base_url


async def _mongodb_problem(database: Database) -> str | None:
    try:
        await database.command("ping")
    except PyMongoError as problem:
        return f"MongoDB does not answer ({type(problem).__name__})"
    return None


def _trusted(file: Path | None) -> dict[str, str] | None:
    try:
        return None if file is None else read_trusted(file)
    except (OSError, ValueError) as unusable:
        raise StartError(f"TRUSTED_DOCUMENTS: {_first_line(unusable)}") from unusable


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0][:300]
