"""MongoDB's driver, with the guard round every network operation.

The result of a call decides, not its name: the guard runs a coroutine, and an object of the driver comes back
guarded, too. So no method can be forgotten here.
"""

from collections import deque
from contextlib import suppress
from inspect import CORO_CLOSED, getcoroutinestate, iscoroutine
from typing import Any, Self, cast

from pymongo import AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import InvalidOperation

from graphql_api.store.guard import Guard, Lane, Operation, StuckError

BATCH = 100
"""How many documents a loop takes from the driver at a time: MongoDB's first batch has one more."""

_DRIVER = "pymongo.asynchronous."
"""The package of the driver's network objects."""


class Guarded:
    """An object of the driver: a database or a collection."""

    def __init__(self, driven: Any, guard: Guard, lane: Lane) -> None:
        self._driven = driven
        self._guard = guard
        self._lane = lane

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._driven, name)
        if type(attribute) in _GUARDED or not callable(attribute):
            return self._shown(attribute)
        return lambda *given, **named: self._shown(
            attribute(*map(_driven, given), **{name: _driven(value) for name, value in named.items()})
        )

    def __getitem__(self, name: str) -> Any:
        return self._shown(self._driven[name])

    def __repr__(self) -> str:
        return f"<guarded {type(self._driven).__name__}>"  # the driver's own repr shows the URI's password

    def in_lane(self, lane: Lane) -> "Guarded":
        """Return the same object for operations in another lane."""
        return type(self)(self._driven, self._guard, lane)

    @property
    def guard(self) -> Guard:
        """The guard of its operations."""
        return self._guard

    def _shown(self, result: Any) -> Any:
        """Return the driver's result, guarded where it needs the network."""
        if result is self._driven:
            return self
        kind = type(result)
        if kind in _GUARDED:
            return _GUARDED[kind](result, self._guard, self._lane)
        if iscoroutine(result):
            return self._run(result)
        if kind.__module__.startswith(_DRIVER):
            raise TypeError(f"the driver's {kind.__name__} has no guard yet")
        return result

    async def _run(self, operation: Operation[Any]) -> Any:
        return self._shown(await self._guard.run(operation, lane=self._lane))


class GuardedClient(Guarded):
    """A client: the operations of its databases end before it is closed."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections after their last use; a stopped MongoDB cannot hold this up."""
        await self._guard.finish()
        with suppress(StuckError):  # the driver tells MongoDB that it ends, and waits for the answer
            await self._run(self._driven.close())


class _OneByOne(Guarded):
    """An object for one operation at a time; if its user leaves, the last operation closes it."""

    _is_left = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._is_left:
            await self._run(self._end())

    async def close(self) -> None:
        """Close it; if an operation is still running, that operation closes it."""
        await self.__aexit__()

    def _end(self) -> Operation[None]:
        return cast(Operation[None], self._driven.close())

    def _leave(self) -> None:
        self._is_left = True

    async def _run(self, operation: Operation[Any]) -> Any:
        if self._is_left:
            operation.close()
            raise InvalidOperation("an earlier operation was left before its end")
        alone = self._alone(operation)
        try:
            return self._shown(await self._guard.run(alone, lane=self._lane, left=self._leave))
        finally:
            if getcoroutinestate(alone) == CORO_CLOSED:  # never begun, and so the operation in it neither
                operation.close()

    async def _alone(self, operation: Operation[Any]) -> Any:
        """Run the operation, and close the object after it if the user has left."""
        try:
            return await operation
        finally:
            if self._is_left:
                await self._end()


class GuardedSession(_OneByOne):
    """A session."""

    def _end(self) -> Operation[None]:
        return cast(Operation[None], self._driven.end_session())


class GuardedCursor(_OneByOne):
    """A cursor; a loop over it takes many documents at a time from the driver."""

    def __init__(self, driven: Any, guard: Guard, lane: Lane) -> None:
        super().__init__(driven, guard, lane)
        self._taken: deque[Any] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        if not self._taken and self._driven.alive:
            self._taken.extend(await self._run(self._driven.to_list(BATCH)))
        if not self._taken:
            raise StopAsyncIteration
        return self._taken.popleft()

    next = __anext__

    @property
    def alive(self) -> bool:
        """Whether there may be more documents."""
        return bool(self._taken) or self._driven.alive

    async def to_list(self, length: int | None = None) -> list[Any]:
        """Return all remaining documents, or ``length`` of them."""
        if self._taken:
            raise InvalidOperation("a loop over this cursor has begun")
        return cast(list[Any], await self._run(self._driven.to_list(length)))


class GuardedStream(_OneByOne):
    """A change stream; each of its operations waits for a change no longer than MongoDB does."""

    def __init__(self, driven: Any, guard: Guard, _: Lane) -> None:
        super().__init__(driven, guard, Lane.LISTENING)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        while self._driven.alive:
            change = await self._run(self._driven.try_next())
            if change is not None:
                return change
        raise StopAsyncIteration

    next = __anext__


_GUARDED: dict[type, type[Guarded]] = {
    AsyncMongoClient: GuardedClient,
    AsyncDatabase: Guarded,
    AsyncCollection: Guarded,
    AsyncClientSession: GuardedSession,
    AsyncCursor: GuardedCursor,
    AsyncCommandCursor: GuardedCursor,
    AsyncCollectionChangeStream: GuardedStream,
}


def _driven(value: Any) -> Any:
    return value._driven if isinstance(value, Guarded) else value  # noqa: SLF001 - of this module
