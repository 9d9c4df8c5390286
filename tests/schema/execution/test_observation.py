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
