"""The routes for operators: health and metrics."""

from functools import partial

from starlette.routing import Route

from graphql_api.composition.resources import Resources
from graphql_api.composition.settings import Settings
from graphql_api.http import health
from graphql_api.http.metrics import metrics_endpoint
from graphql_api.store.database import Database, StoreError, guard_of, reserved
from graphql_api.store.suitability import examine
from graphql_api.upkeep.rounds import gauge_overdue


def operations(settings: Settings, resources: Resources) -> list[Route]:
    """Return all routes, for the port of operators."""
    checks = {"mongodb": partial(_mongodb_problem, reserved(resources.database))}
    told = {"provider": resources.provider_url or "OpenAI"}
    gauge = partial(gauge_overdue, resources.engine, overdue_s=settings.overdue_s)
    return [
        Route("/metrics", metrics_endpoint(resources.engine.metrics, refresh=gauge)),
        Route("/readyz", health.readyz_endpoint(checks, settings=told)),
        _livez(settings, resources),
    ]


def operations_for_clients(settings: Settings, resources: Resources) -> list[Route]:
    """Return the routes for the port of clients: all, unless operators have a port of their own."""
    if settings.operations_port is None:
        return operations(settings, resources)
    return [_livez(settings, resources)]


def _livez(settings: Settings, resources: Resources) -> Route:
    stalled_s = guard_of(resources.database).stalled_s
    return Route("/livez", health.livez_endpoint(stalled_s, limit_s=settings.store_stall_s))


async def _mongodb_problem(database: Database) -> str | None:
    try:
        return await examine(database.client)
    except StoreError as problem:
        return f"MongoDB does not answer ({type(problem).__name__})"
