"""The cost of a connection's operations."""

import pytest

from graphql_api.document_errors import TooMuchAtOnceError
from graphql_api.schema.workload import Workload


def test_the_costs_of_a_connections_operations_add_up() -> None:
    """One too many is refused and counts nothing; what has ended makes room."""
    workload = Workload()
    workload.begin(60, most=100)
    with pytest.raises(TooMuchAtOnceError) as refused:
        workload.begin(41, most=100)
    assert refused.value.extensions == {
        "code": "TOO_MANY_OPERATIONS",
        "limit": "cost",
        "found": 101,
        "most": 100,
    }
    workload.begin(40, most=100)
    workload.end(60)
    workload.begin(60, most=100)
