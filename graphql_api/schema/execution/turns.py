"""Execution in turns: an operation with many fields lets others go first now and then."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from inspect import isawaitable
from typing import Any, TypeVar

from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

T = TypeVar("T")

LONG_LIST = 20
"""The entries of a shorter list are not counted: their own fields are."""

Fields = dict[str, Any]
"""The values of resolved fields, by their names in the answer."""


class TurnTaking(StrawberryGraphQLCoreExecutionContext):
    """Resolves an object's fields at once while its turn has room, and later otherwise."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: dict[str, Any],
        position_context: Any,
    ) -> Fields | Awaitable[Fields]:
        """Resolve the fields of one object."""
        resolve = super().execute_fields
        if self.context_value.workload.has_turn(len(grouped_field_set)):
            return resolve(parent_type, source_value, path, grouped_field_set, position_context)
        later = partial(resolve, parent_type, source_value, path, grouped_field_set, position_context)
        return self._later(later, len(grouped_field_set))

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: list[Any],
        info: GraphQLResolveInfo[Any],
        path: Any,
        items: Iterable[Any],
        position_context: Any,
    ) -> list[Any] | Awaitable[list[Any]]:
        """Complete the entries of one list; a long one counts as so many fields."""
        complete = super().complete_iterable_value
        given = (item_type, field_details_list, info, path, items, position_context)
        if not isinstance(items, list) or len(items) < LONG_LIST:
            return complete(*given)
        if self.context_value.workload.has_turn(len(items)):
            return complete(*given)
        return self._later(partial(complete, *given), len(items))

    async def _later(self, resolve: Callable[[], T | Awaitable[T]], fields: int) -> T:
        await self.context_value.workload.turn(fields)
        resolved = resolve()
        return await resolved if isawaitable(resolved) else resolved
