"""What an operation takes from its request."""

import pytest
from pydantic import BaseModel

from graphql_api.sandbox.errors import ApiError
from graphql_api.sandbox.requests import checked


class Shape(BaseModel):
    """A body with one field."""

    size: int


FIELDS = frozenset(Shape.model_fields)


def test_a_good_body_is_returned_checked() -> None:
    """Unknown fields are ignored."""
    assert checked({"size": 3, "colour": "red"}, Shape, fields=FIELDS) == Shape(size=3)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "size", "missing_required_parameter"),
        ({"size": "many"}, "size", "invalid_value"),
        ([], None, None),
        (None, None, None),
    ],
)
def test_a_bad_body_is_refused_with_its_parameter(body: object, param: str | None, code: str | None) -> None:
    """A body that is no object has none."""
    with pytest.raises(ApiError) as refusal:
        checked(body, Shape, fields=FIELDS)
    assert (refusal.value.status, refusal.value.param, refusal.value.code) == (400, param, code)
