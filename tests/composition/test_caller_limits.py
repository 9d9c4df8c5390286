"""The settings of what one caller may take."""

import pytest
from pydantic import ValidationError

from graphql_api.composition.settings import Settings, complaints


@pytest.mark.parametrize(("rate", "most"), [("19999/second", 20_000), ("4/day", 5)])
def test_a_budget_below_one_operation_is_refused(rate: str, most: int) -> None:
    """The largest operation could never run."""
    with pytest.raises(ValidationError) as invalid:
        Settings(rate_limit=rate, max_query_cost=most)
    assert complaints(invalid.value) == (
        f"RATE_LIMIT: must be at least MAX_QUERY_COST, {most}: a larger operation could never run"
    )


@pytest.mark.parametrize("rate", ["off", "5/minute"])
def test_a_budget_of_one_operation_will_do(rate: str) -> None:
    """And so does none."""
    assert Settings(rate_limit=rate, max_query_cost=5).rate_limit == rate
