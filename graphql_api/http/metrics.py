"""``/metrics``: the process's metrics, for Prometheus."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from graphql_api.metrics import CONTENT_TYPE, Metrics


def metrics_endpoint(
    metrics: Metrics, *, refresh: Callable[[], Awaitable[None]]
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint; ``refresh`` updates the metrics read from MongoDB."""

    async def endpoint(_: Request) -> Response:
        await refresh()
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    return endpoint
