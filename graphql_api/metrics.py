"""The server's counters, for Prometheus."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_NAMES = 100
"""Names of operations come from outside: the first names get a label each, the rest share one."""
LONGEST_NAME = 64
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


class OperationNames:
    """Turns the names of operations into few labels."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def label(self, name: str | None) -> str:
        """Return the name itself, ``anonymous`` for an absent name, or ``other`` beyond the limits."""
        if not name:
            return "anonymous"
        if name not in self._known:
            if len(self._known) >= MOST_NAMES or len(name) > LONGEST_NAME:
                return "other"
            self._known.add(name)
        return name


class Metrics:
    """The counters of one server process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.operation_names = OperationNames()
        counter = partial(Counter, registry=self._registry)
        self.operations = counter(
            "graphql_operations_total",
            "Requested GraphQL operations, by name; operations that did not run are anonymous.",
            ["operation"],
        )
        self.operation_seconds = Histogram(
            "graphql_operation_duration_seconds",
            "Duration of queries and mutations, by name.",
            ["operation"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.graphql_errors = counter("graphql_errors_total", "Errors in GraphQL answers, by code.", ["code"])
        self.cancels = counter(
            "finetuning_cancel_requests_total",
            "Cancels requested from this server, by answer; each one of a batch counts.",
            ["answer"],
        )
        self.faults = counter(
            "finetuning_provider_faults_total", "Failed provider calls, by outcome.", ["outcome"]
        )
        self.orphans = counter(
            "finetuning_orphans_total",
            "Live provider jobs without a live finetuning, by the action taken.",
            ["action"],
        )
        self.marks_lost = counter(
            "finetuning_marks_lost_total",
            "Finetunings with a provider job that came back without its metadata.",
        )
        self.audit_entries_lost = counter(
            "audit_entries_lost_total",
            "Audit entries that could not be stored; the log shows some of them.",
        )
        self.overdue = Gauge(
            "finetuning_cancels_overdue",
            "Cancels unconfirmed for longer than OVERDUE_S, over all servers.",
            registry=self._registry,
        )

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self._registry)
