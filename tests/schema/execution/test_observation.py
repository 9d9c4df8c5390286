"""Each operation is counted once, with its errors by code."""

from graphql_api.metrics import Metrics
from graphql_api.schema import build_schema
from tests.schema.conftest import Client


async def test_an_operation_is_counted_under_its_name(client: Client) -> None:
    """An invalid one under no name, with the code of its error."""
    metrics = Metrics()
    client.schema = build_schema(metrics=metrics)
    result = await client.schema.execute("query Mine { __typename }", context_value=client.context())
    assert result.errors is None
    await client.refusal("query Wrong { nothing }")
    shown = metrics.exposition().decode()
    assert 'operation="Mine"' in shown
    assert "Wrong" not in shown
    assert 'code="GRAPHQL_VALIDATION_FAILED"} 1.0' in shown


async def test_a_subscription_is_counted_when_its_client_leaves(client: Client) -> None:
    """Once, at its end, whoever ends it."""
    metrics = Metrics()
    client.schema = build_schema(metrics=metrics)
    created = await client.world.create()
    follow = "subscription Follow($id: ID) { finetuningUpdated(finetuningId: $id) { status } }"
    results = client.follow(follow, id=str(created.id))
    await anext(results)
    assert "Follow" not in metrics.exposition().decode()
    await results.aclose()
    shown = metrics.exposition().decode()
    assert 'graphql_operations_total{operation="Follow"} 1.0' in shown
    assert 'graphql_operation_duration_seconds_count{operation="Follow"}' not in shown
