"""The labelled series, from the start."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from graphql_api.composition.series import begin_series, error_codes
from graphql_api.metrics import Metrics

DOCS = Path(__file__).parents[2] / "docs" / "graphql-over-http.md"


def series(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Return the values of the labelled counters."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        if sample.name.endswith("_total") and sample.labels
    }


def test_every_labelled_series_is_there_from_the_start() -> None:
    """At zero: the answers of cancels, the faults of providers, the sweep's actions, the codes of errors."""
    metrics = Metrics()
    assert series(metrics) == {}
    begin_series(metrics)
    begun = series(metrics)
    assert set(begun.values()) == {0.0}
    by_name = {name: {key[1] for key in begun if key[0] == name} for name in {key[0] for key in begun}}
    assert by_name["finetuning_cancel_requests_total"] == {
        "cancelled",
        "not_cancellable",
        "not_found",
        "requested",
    }
    assert by_name["finetuning_provider_faults_total"] == {
        "Credentials",
        "MalformedAnswer",
        "NotSent",
        "OutcomeUnknown",
        "PermissionDenied",
        "Rejected",
        "RetryLater",
        "SealedCredential",
        "UnknownJob",
    }
    assert by_name["finetuning_orphans_total"] == {"asked_to_stop", "reported", "stopped"}
    assert by_name["graphql_operations_total"] == {"anonymous", "other"}
    assert by_name["graphql_errors_total"] == error_codes()


def test_every_documented_code_has_its_series() -> None:
    """The page has a table of them."""
    documented = set(re.findall(r"^\| `([A-Z_]+)`", DOCS.read_text(), re.MULTILINE))
    assert len(documented) > 20
    assert documented - error_codes() == {"MISDIRECTED_REQUEST", "NOT_FOUND"}  # of plain endpoints alone
