"""The counters, and the labels for names from outside."""

from prometheus_client.parser import text_string_to_metric_families

from graphql_api.metrics import LONGEST_NAME, MOST_NAMES, Metrics, OperationNames


def test_a_name_keeps_its_label_and_a_flood_shares_one() -> None:
    """An absent name is anonymous; the first hundred keep their labels, later ones and long ones are one."""
    names = OperationNames()
    assert [names.label(None), names.label("")] == ["anonymous", "anonymous"]
    assert names.label("x" * (LONGEST_NAME + 1)) == "other"
    known = [f"N{number}" for number in range(MOST_NAMES)]
    assert [names.label(one) for one in known] == known
    assert names.label("late") == "other"
    assert names.label("N0") == "N0"


def test_a_label_may_have_64_characters() -> None:
    """The limit is inclusive."""
    assert OperationNames().label("x" * 64) == "x" * 64


def test_each_server_counts_for_itself() -> None:
    """Two servers in one process do not share a registry."""
    counting, other = Metrics(), Metrics()
    counting.cancels.labels("confirmed").inc(2)
    assert _cancels(counting) == {"confirmed": 2.0}
    assert _cancels(other) == {}


def _cancels(metrics: Metrics) -> dict[str, float]:
    return {
        sample.labels["answer"]: sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        if sample.name == "finetuning_cancel_requests_total"
    }
