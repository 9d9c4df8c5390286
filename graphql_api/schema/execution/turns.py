"""Execution in turns: an operation with many fields lets others go first now and then."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from graphql import GraphQLObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

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

    async def _later(self, resolve: Callable[[], Fields | Awaitable[Fields]], fields: int) -> Fields:
        await self.context_value.workload.turn(fields)
        resolved = resolve()
        return resolved if isinstance(resolved, dict) else await resolved
