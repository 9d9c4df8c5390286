"""The composition root: it builds the application from open resources."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from graphql_api.access.gate import OPEN, Gate
from graphql_api.audit.log import AuditLog
from graphql_api.caller import Caller
from graphql_api.catalogue.frozen_file import find_frozen_file
from graphql_api.composition.budgets import paid, paid_file, quotas_of
from graphql_api.composition.operations import operations, operations_for_clients
from graphql_api.composition.resources import Resources
from graphql_api.composition.settings import Settings
from graphql_api.composition.start_error import StartError
from graphql_api.documents import AccountKey
from graphql_api.errors import ExpectedError, first_line
from graphql_api.finetunings.base_llm import ModelPolicy
from graphql_api.finetunings.cancel import cancel
from graphql_api.http import problems
from graphql_api.http.authentication import Authentication
from graphql_api.http.console import Console
from graphql_api.http.front import front_endpoint
from graphql_api.http.graphql.graphiql import GraphiQL
from graphql_api.http.graphql.persisted import documents_from, read_trusted
from graphql_api.http.graphql.response import Edition
from graphql_api.http.graphql.subscribers import Subscribers
from graphql_api.http.graphql.view import GraphQLView
from graphql_api.http.graphql.websocket import WebSocketView
from graphql_api.http.hosts import LOOPBACK
from graphql_api.http.in_turn import InTurn
from graphql_api.http.middleware import outer_middleware
from graphql_api.http.rest import cancel_endpoint
from graphql_api.http.training_file import training_file_endpoint
from graphql_api.http.webhooks import webhook_endpoint
from graphql_api.http.wire.budget import Budget
from graphql_api.providers.port import ProviderHint
from graphql_api.schema import Context, Limits, Services, build_schema, schema_sdl
from graphql_api.turns import LoopTurns
from graphql_api.upkeep.webhook_hints import take_hint

PUBLIC = ("/", "/graphql", "/graphiql/", "/console", "/console/", "/livez", "/readyz", "/webhooks/openai")
"""The paths for callers without a credential. GraphQL asks for one itself; the pages need none, they
have a field for it; a webhook has a signature of its own."""
CANCEL_PATH = "/api/v1/finetunings/{finetuning_id}/cancel"
TRAINING_FILE_PATH = "/api/v1/finetunings/{finetuning_id}/training-file"


def build_app(settings: Settings, resources: Resources, *, subscribers: Subscribers) -> Starlette:
    """Return the application on open resources."""
    console = Console()
    return _application(
        [
            Route("/", front_endpoint(hidden=_hidden_parts(settings, console))),
            *(console.routes if settings.exposes_schema else []),
            *_graphql(settings, resources, subscribers),
            Route(CANCEL_PATH, _rest_cancel(settings, resources), methods=["POST"]),
            Route(TRAINING_FILE_PATH, _rest_training_file(settings, resources)),
            *_webhooks(settings.openai_webhook_secret, resources),
            *operations_for_clients(settings, resources),
        ],
        settings,
        resources.gate,
        turns=resources.turns,
        audit=resources.audit,
    )


def build_worker_app(settings: Settings, resources: Resources) -> Starlette:
    """Return the application of a worker process: its health and its metrics."""
    routes = operations_for_clients(settings, resources)
    return _application(routes, settings, resources.gate, turns=resources.turns, audit=resources.audit)


def build_operations_app(settings: Settings, resources: Resources) -> Starlette:
    """Return the application of the port of operators; it asks nobody for a credential."""
    routes = operations(settings, resources)
    return _application(routes, settings, OPEN, turns=resources.turns, host=settings.operations_host)


def _hidden_parts(settings: Settings, console: Console) -> list[str]:
    moved = [] if settings.operations_port is None else ["health", "metrics"]
    if not settings.exposes_schema:
        return ["console", "schema", *moved]
    return moved if console.is_built else ["console", *moved]


def _application(
    routes: Sequence[BaseRoute],
    settings: Settings,
    gate: Gate,
    *,
    turns: LoopTurns,
    audit: AuditLog | None = None,
    host: str | None = None,
) -> Starlette:
    """Return the routes inside the middleware of every request; ``host``: the address, if it is not HOST."""
    app = Starlette(
        routes=[*routes, WebSocketRoute("/{path:path}", problems.no_socket)],
        middleware=[
            *outer_middleware(
                hosts=settings.allowed_hosts or (*LOOPBACK, host or settings.host),
                largest_body_bytes=settings.max_body_bytes,
                bodies=Budget(settings.max_bodies_bytes),
                cors_origins=settings.cors_origins,
                logs_access=settings.access_log == "on",
            ),
            # As a handler of the application it would answer without the request's id, and raise the
            # error again for uvicorn to log.
            Middleware(
                ExceptionMiddleware,
                handlers={
                    ClientDisconnect: problems.gone,
                    ExpectedError: problems.expected,
                    Exception: problems.unexpected,
                },
            ),
            Middleware(Authentication, gate=gate, public=PUBLIC, audit=audit),
            Middleware(InTurn, turns=turns),
        ],
        exception_handlers={ExpectedError: problems.expected, HTTPException: problems.refused},
    )
    app.router.redirect_slashes = False  # it would build the address from Host
    return app


def _graphql(settings: Settings, resources: Resources, subscribers: Subscribers) -> list[BaseRoute]:
    """Return the routes of GraphQL: requests, sockets, the page for browsers, and the schema itself."""
    trusted, metrics = trusted_documents(settings.trusted_documents), resources.engine.metrics
    schema = build_schema(
        Limits(depth=settings.max_query_depth, cost=settings.max_query_cost),
        trusted=None if trusted is None else frozenset(trusted.values()),
        metrics=metrics,
        budgets=resources.budgets,
        exposed=settings.exposes_schema,
        timeout_s=settings.operation_timeout_s,
    )
    services, graphiql = _services(settings, resources), GraphiQL()
    documents = documents_from(trusted, automatic=settings.persisted_queries == "automatic")

    def context_for(request_id: str, caller: Caller) -> Context:
        return Context(caller=caller, request_id=request_id, services=services)

    view = GraphQLView(
        schema,
        context_for=context_for,
        watch=resources.gate.watch,
        graphiql=graphiql if settings.exposes_schema else None,
        subscribers=subscribers,
        metrics=metrics,
        documents=documents,
        edition=Edition(settings.graphql_http_edition),
    )
    socket_view = WebSocketView(
        schema,
        gate=resources.gate,
        turns=resources.turns,
        context_for=context_for,
        subscribers=subscribers,
        origins=settings.cors_origins,
        init_s=settings.websocket_init_s,
        most_operations=settings.max_operations,
        documents=documents,
        metrics=metrics,
    )
    routes = [Route("/graphql", view), WebSocketRoute("/graphql", socket_view)]
    return [*routes, *_published(graphiql)] if settings.exposes_schema else routes


def _published(graphiql: GraphiQL) -> list[Route]:
    """Return the routes that show the schema: the page's files and the schema itself."""
    sdl = schema_sdl()
    return [*graphiql.routes, Route("/schema.graphql", lambda _: PlainTextResponse(sdl))]


def model_policy(settings: Settings, resources: Resources) -> ModelPolicy:
    """Return which models may be trained."""
    return ModelPolicy(
        default_model=settings.default_model,
        allowed=settings.allowed_models,
        providers=resources.engine.accounts.own.names,
    )


def _services(settings: Settings, resources: Resources) -> Services:
    policy = model_policy(settings, resources)
    return Services(
        engine=resources.engine,
        models=policy,
        wake_worker=resources.worker.wake,
        sql_check=resources.sql_check,
        feed=resources.feed,
        keys=resources.gate.keys,
        audit=resources.audit,
        quotas=quotas_of(settings, resources.database),
        turns=resources.turns,
    )


def _rest_cancel(settings: Settings, resources: Resources) -> Callable[[Request], Awaitable[Response]]:
    paid_cancel = paid(partial(cancel, engine=resources.engine), resources.budgets)
    return cancel_endpoint(paid_cancel, origins=settings.cors_origins)


def _rest_training_file(settings: Settings, resources: Resources) -> Callable[[Request], Awaitable[Response]]:
    find = partial(find_frozen_file, sources=resources.engine.sources)
    return training_file_endpoint(paid_file(find, resources.budgets, most=settings.max_query_cost))


def _webhooks(secret: SecretStr | None, resources: Resources) -> list[Route]:
    """Return the webhook's route; without a secret, no route."""
    if secret is None:
        return []
    provider = resources.engine.accounts.own.named("openai")

    async def take(hint: ProviderHint) -> None:
        if await take_hint(hint, account=AccountKey("openai"), engine=resources.engine):
            resources.worker.wake()

    read = partial(provider.read_webhook, secret=secret.get_secret_value())
    return [Route("/webhooks/openai", webhook_endpoint(read, take), methods=["POST"])]


def trusted_documents(file: Path | None) -> dict[str, str] | None:
    """Return the listed documents by hash, if there is a list; raises ``StartError``."""
    try:
        return None if file is None else read_trusted(file)
    except (OSError, ValueError) as unusable:
        raise StartError(f"TRUSTED_DOCUMENTS: {first_line(unusable)}") from unusable
