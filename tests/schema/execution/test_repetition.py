"""Results of a subscription that say nothing new."""

from collections.abc import AsyncGenerator
from typing import Any

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from graphql_api.schema.execution.repetition import MOST_REMEMBERED, without_repetitions

Told = tuple[object, Any]


async def sent(*told: Told) -> list[Any]:
    """Return the data of the results that are sent, given each result with what it is about."""
    about: list[object] = [None]

    async def results() -> AsyncGenerator[Any, None]:
        for subject, data in told:
            about[0] = subject
            yield data if isinstance(data, ExecutionResult) else ExecutionResult(data=data, errors=None)

    return [result.data async for result in without_repetitions(results(), subject=lambda: about[0])]


async def test_what_equals_the_last_one_is_not_sent() -> None:
    """The first is, and so is an earlier one that comes back."""
    assert await sent(*[("a", {"s": word}) for word in "QQRRRSQQ"]) == [{"s": word} for word in "QRSQ"]


async def test_each_subject_has_its_own_last_one() -> None:
    """Two in turn do not hide each other's repetitions, and equal words about another are news."""
    told = [("a", 1), ("b", 1), ("a", 1), ("b", 2), ("a", 1), ("a", 2)]
    assert await sent(*told) == [1, 1, 2, 2]


async def test_what_has_no_subject_is_always_sent() -> None:
    """Two events that look alike are two."""
    assert await sent((None, 1), (None, 1)) == [1, 1]


async def test_an_error_is_part_of_a_result() -> None:
    """After it, what was said before is news again; the same error is none."""

    def broken(message: str) -> ExecutionResult:
        return ExecutionResult(data=None, errors=[GraphQLError(message)])

    told = [("a", 1), ("a", broken("x")), ("a", broken("x")), ("a", broken("y")), ("a", 1)]
    assert await sent(*told) == [1, None, None, 1]


async def test_memory_has_an_end() -> None:
    """The longest silent subject is forgotten first: its next result is sent once more."""
    told = [(number, 1) for number in range(MOST_REMEMBERED + 1)]
    assert len(await sent(*told, (1, 1))) == len(told)
    assert len(await sent(*told, (0, 1))) == len(told) + 1


async def test_the_source_ends_with_its_reader() -> None:
    """At once, not when the garbage collector finds it."""
    ended = list[str]()

    async def results() -> AsyncGenerator[Any, None]:
        try:
            yield ExecutionResult(data={"s": 1}, errors=None)
        finally:
            ended.append("source")

    reading = without_repetitions(results(), subject=lambda: None)
    await anext(reading)
    await reading.aclose()
    assert ended == ["source"]
