"""The labelled series of the metrics, each there from the start with a zero.

A rate over a series that appears with its first event misses that event.
"""

from collections.abc import Iterator
from typing import Any

from graphql_api.errors import (
    INTERNAL,
    METHOD_NOT_ALLOWED,
    PARSE_FAILED,
    VALIDATION_FAILED,
    ExpectedError,
)
from graphql_api.finetunings.cancel import CancelOutcome
from graphql_api.http.problems import code_of
from graphql_api.metrics import Metrics
from graphql_api.providers.port import ProviderFault

REFUSED_STATUSES = (400, 401, 405, 406, 413, 415, 503)
"""The HTTP statuses of requests that the endpoint of GraphQL refuses."""
ACTIONS = ("reported", "asked_to_stop", "stopped")
"""What the sweep does about a job without a finetuning."""


def begin_series(metrics: Metrics) -> None:
    """Begin every series whose labels are known."""
    for answer in set(CancelOutcome) - {CancelOutcome.WOULD_CANCEL}:
        metrics.cancels.labels(answer.value)
    for fault in _all_of(ProviderFault):
        metrics.faults.labels(fault.__name__.removesuffix("Error"))
    for action in ACTIONS:
        metrics.orphans.labels(action)
    for code in error_codes():
        metrics.graphql_errors.labels(code)
    for name in ("anonymous", "other"):
        metrics.operations.labels(name)
        metrics.operation_seconds.labels(name)


def error_codes() -> set[str]:
    """Return the codes of all errors in GraphQL's answers."""
    own = {code for kind in _all_of(ExpectedError) if (code := getattr(kind, "code", None)) is not None}
    refused = map(code_of, REFUSED_STATUSES)
    return {*own, *refused, INTERNAL, METHOD_NOT_ALLOWED, PARSE_FAILED, VALIDATION_FAILED}


def _all_of(kind: type[Any]) -> Iterator[type[Any]]:
    """Yield the classes below this one, whatever they are derived through."""
    for one in kind.__subclasses__():
        yield one
        yield from _all_of(one)
