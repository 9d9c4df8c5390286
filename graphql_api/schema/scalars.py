"""The custom scalars of the schema."""

from typing import TYPE_CHECKING, Any, NewType

import strawberry
from graphql import GraphQLError

AUTO = "auto"

if TYPE_CHECKING:
    NumberOrAuto = int | float | str
    StringMap = dict[str, str]
else:
    NumberOrAuto = NewType("NumberOrAuto", object)
    StringMap = NewType("StringMap", object)
"""The first is an integer, a float, or ``"auto"``; numeric strings count as their numbers."""


def _parse(value: Any) -> int | float | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise GraphQLError(f'NumberOrAuto must be a number, a numeric string or "{AUTO}".')
    return value


SCALARS: dict[object, Any] = {
    NumberOrAuto: strawberry.scalar(
        name="NumberOrAuto",
        description='A number, or the string "auto" to let the provider choose. '
        'Numeric strings such as "1" are accepted and answered as numbers.',
        parse_value=_parse,
        serialize=lambda value: value,
    ),
    StringMap: strawberry.scalar(
        name="StringMap",
        description="A map of strings to strings, written as a JSON object whose values are strings.",
        parse_value=lambda value: value,  # the use case names the key that is wrong
        serialize=lambda value: value,
    ),
}
