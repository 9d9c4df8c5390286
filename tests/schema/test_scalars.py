"""The scalar of a number or ``auto``."""

import pytest
from graphql import GraphQLError

from graphql_api.schema.scalars import SCALARS, NumberOrAuto

PARSE = SCALARS[NumberOrAuto].parse_value


@pytest.mark.parametrize("given", [1, 0.5, "auto", "1"])
def test_numbers_and_texts_pass(given: object) -> None:
    """Which texts are numbers, the use case decides."""
    assert PARSE(given) == given


@pytest.mark.parametrize("given", [True, None, [], {}])
def test_anything_else_is_refused(given: object) -> None:
    """True is no 1."""
    with pytest.raises(GraphQLError, match="a number, a numeric string"):
        PARSE(given)
