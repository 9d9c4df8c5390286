"""The limits of a weight."""

import pytest

from graphql_api.document_errors import (
    QueryTooComplexError,
)
from graphql_api.schema.execution.limits import COUNTLESS, Limits, Weight


@pytest.mark.parametrize("name", ["depth", "aliases", "fields", "directives", "cost"])
def test_each_limit_is_inclusive_and_named(name: str) -> None:
    """The error has the limit, the number found and the number allowed."""
    limits = Limits(**{name: 3})
    Weight(**{name: 3}).check(limits)
    with pytest.raises(QueryTooComplexError) as refused:
        Weight(**{name: 4}).check(limits)
    assert refused.value.message == f"The operation is too complex: {name} 4, at most 3 allowed."
    assert refused.value.extensions == {"code": "QUERY_TOO_COMPLEX", "limit": name, "found": 4, "most": 3}


def test_weights_add_up_to_no_more_than_countless() -> None:
    """Of two depths and of two places, the greater one counts."""
    one, other = Weight(depth=2, fields=3, directives=1, cost=COUNTLESS), Weight(depth=1, fields=4, cost=5)
    assert one + other == Weight(depth=2, fields=7, directives=1, cost=COUNTLESS)
