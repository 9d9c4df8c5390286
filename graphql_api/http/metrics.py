"""``/metrics``: the process's metrics, for Prometheus."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from graphql_api.http.authentication import caller_with
from graphql_api.metrics import CONTENT_TYPE, Metrics
from graphql_api.scopes import Scope


def metrics_endpoint(
    metrics: Metrics, *, refresh: Callable[[], Awaitable[None]]
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint, for admins; ``refresh`` updates the metrics read from MongoDB."""

    async def endpoint(request: Request) -> Response:
        caller_with(Scope.ADMIN, of=request.scope, endpoint="/metrics")
        await refresh()
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    return endpoint
