"""What the server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_NAMES = 100
"""Names of operations come from outside: what came first is told apart, and the rest is one."""
LONGEST_NAME = 64
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


class OperationNames:
    """Turns the names of operations into few labels."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def label(self, name: str | None) -> str:
        """Return the name itself, ``anonymous`` for none, or ``other`` beyond what is told apart."""
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
        self.operations = Counter(
            "graphql_operations_total",
            "GraphQL operations that were asked for, by their names; those that were not run are anonymous.",
            ["operation"],
            registry=self._registry,
        )
        self.operation_seconds = Histogram(
            "graphql_operation_duration_seconds",
            "How long queries and mutations took, by their names.",
            ["operation"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.graphql_errors = Counter(
            "graphql_errors_total",
            "Errors in GraphQL answers, by their codes.",
            ["code"],
            registry=self._registry,
        )
        self.cancels = Counter(
            "finetuning_cancel_requests_total",
            "Cancels asked for of this server, by what came of them; many at once count each.",
            ["answer"],
            registry=self._registry,
        )
        self.faults = Counter(
            "finetuning_provider_faults_total",
            "Provider calls that did not end well, by their outcome.",
            ["outcome"],
            registry=self._registry,
        )
        self.orphans = Counter(
            "finetuning_orphans_total",
            "Live provider jobs without a live finetuning, by what was done about them.",
            ["action"],
            registry=self._registry,
        )
        self.marks_lost = Counter(
            "finetuning_marks_lost_total",
            "Finetunings whose provider job came back without the metadata that was sent with it.",
            registry=self._registry,
        )
        self.overdue = Gauge(
            "finetuning_cancels_overdue",
            "Cancels unconfirmed for longer than OVERDUE_S, of all servers together.",
            registry=self._registry,
        )

    def exposition(self) -> bytes:
        """Return all of them in Prometheus's text format."""
        return generate_latest(self._registry)
