"""``/metrics``: what this process has counted, for Prometheus."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from graphql_api.metrics import CONTENT_TYPE, Metrics


def metrics_endpoint(metrics: Metrics) -> Callable[[Request], Response]:
    """Return the endpoint."""

    def endpoint(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    return endpoint
