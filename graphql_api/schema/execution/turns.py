"""Execution in turns: an operation with many fields lets others go first now and then."""

from collections.abc import Awaitable, Callable, Iterable, Sized
from functools import partial
from inspect import isawaitable
from typing import Any, TypeVar

from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphql_api.turns import LoopTurns

T = TypeVar("T")

LONG_LIST = 20
"""The entries of a shorter list are not counted: their own fields are."""
ROOT_STEPS = 15
"""What an operation, or an event of a subscription, takes beside its fields."""

Fields = dict[str, Any]
"""The values of resolved fields, by their names in the answer."""


class TurnTaking(StrawberryGraphQLCoreExecutionContext):
    """Resolves an object's fields at once while its turn has room, and later otherwise. A field is a step."""

    _has_turn = False

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: dict[str, Any],
        position_context: Any,
    ) -> Fields | Awaitable[Fields]:
        """Resolve the fields of one object."""
        resolve, steps = super().execute_fields, len(grouped_field_set)
        if path is None:
            steps += ROOT_STEPS
        given = (parent_type, source_value, path, grouped_field_set, position_context)
        return resolve(*given) if self._may_go(steps) else self._later(partial(resolve, *given), steps)

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
        if not isinstance(items, Sized) or len(items) < LONG_LIST:
            return complete(*given)
        if self._turns.has_turn(len(items)):
            return complete(*given)
        return self._later(partial(complete, *given), len(items))

    @property
    def _turns(self) -> LoopTurns:
        turns: LoopTurns = self.context_value.turns
        return turns

    def _may_go(self, steps: int) -> bool:
        if self._has_turn:
            self._turns.spend(steps)
            return True
        return self._turns.has_turn(steps)

    async def _later(self, resolve: Callable[[], T | Awaitable[T]], steps: int) -> T:
        """Resolve after its turn has come. Objects in an object go in the same turn, long lists do not."""
        await self._turns.turn(self.context_value.caller.account, steps)
        self._has_turn = steps < LONG_LIST
        try:
            resolved = resolve()
        finally:
            self._has_turn = False
        return await resolved if isawaitable(resolved) else resolved
