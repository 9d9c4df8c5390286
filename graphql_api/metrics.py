"""What the server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.cancels = Counter(
            "finetuning_cancel_requests_total",
            "Cancels asked for of this server, by what the answer said.",
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
        self.overdue = Gauge(
            "finetuning_cancels_overdue",
            "Cancels unconfirmed for longer than OVERDUE_S, of all servers together.",
            registry=self._registry,
        )

    def exposition(self) -> bytes:
        """Return all of them in Prometheus's text format."""
        return generate_latest(self._registry)
