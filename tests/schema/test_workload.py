"""Turns of the event loop, and the cost of a connection's operations."""

import asyncio

import pytest

from graphql_api.document_errors import TooMuchAtOnceError
from graphql_api.schema.workload import Turns, Workload


async def resolve(workload: Workload, fields: int) -> None:
    """Do as the resolution of one object does."""
    if not workload.has_turn(fields):
        await workload.turn(fields)


async def rounds(*tasks: asyncio.Task[None]) -> int:
    """Return how many rounds of the event loop the tasks take."""
    found = 0
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        found += 1
    return found


async def test_the_loop_goes_round_between_turns() -> None:
    """A hundred fields, ten in a turn, take at least ten rounds; ten fields take one."""
    turns = Turns(fields=10)
    objects = [asyncio.create_task(resolve(Workload(turns), 5)) for _ in range(20)]
    assert await rounds(*objects) >= 10
    small = [asyncio.create_task(resolve(Workload(turns), 5)) for _ in range(2)]
    assert await rounds(*small) <= 2


async def test_connections_go_one_after_the_other() -> None:
    """A small operation does not wait for the whole of a large one."""
    turns = Turns(fields=10)
    large, small = Workload(turns), Workload(turns)
    objects = [asyncio.create_task(resolve(large, 10)) for _ in range(100)]
    await asyncio.sleep(0)
    newcomer = asyncio.create_task(resolve(small, 10))
    await newcomer
    assert sum(one.done() for one in objects) < 5
    await asyncio.gather(*objects)


async def test_objects_of_one_connection_keep_their_order() -> None:
    """The longest waiting goes first."""
    workload, gone = Workload(Turns(fields=1)), list[int]()

    async def one(number: int) -> None:
        await resolve(workload, 1)
        gone.append(number)

    await asyncio.gather(*map(one, range(20)))
    assert gone == list(range(20))


async def test_an_ended_operation_takes_no_turn() -> None:
    """Its fields are left out, and the others go on."""
    workload = Workload(Turns(fields=1))
    objects = [asyncio.create_task(resolve(workload, 1)) for _ in range(10)]
    await asyncio.sleep(0)
    for one in objects[1:9]:
        one.cancel()
    async with asyncio.timeout(5):
        await objects[9]


async def test_a_turn_that_has_room_again_is_not_waited_for() -> None:
    """An object may begin to wait only after the next turn has begun."""
    workload = Workload(Turns(fields=1))
    assert workload.has_turn(1)
    assert not workload.has_turn(1)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await workload.turn(1)


def test_the_costs_of_a_connections_operations_add_up() -> None:
    """One too many is refused and counts nothing; what has ended makes room."""
    workload = Workload(Turns())
    workload.begin(60, most=100)
    with pytest.raises(TooMuchAtOnceError) as refused:
        workload.begin(41, most=100)
    assert refused.value.extensions == {
        "code": "TOO_MANY_OPERATIONS",
        "limit": "cost",
        "found": 101,
        "most": 100,
    }
    workload.begin(40, most=100)
    workload.end(60)
    workload.begin(60, most=100)
