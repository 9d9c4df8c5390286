"""Turns of the event loop."""

import asyncio

from graphql_api.turns import LoopTurns


async def rounds(*tasks: asyncio.Task[None]) -> int:
    """Return how many rounds of the event loop the tasks take."""
    found = 0
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        found += 1
    return found


def waiting(turns: LoopTurns, count: int, *, account: str, steps: int) -> list[asyncio.Task[None]]:
    """Return so many tasks of one account that wait for a turn each."""
    return [asyncio.create_task(turns.turn(account, steps)) for _ in range(count)]


async def test_the_loop_goes_round_between_turns() -> None:
    """A hundred steps, ten in a turn, take at least ten rounds; ten steps take one."""
    turns = LoopTurns(steps=10)
    assert await rounds(*waiting(turns, 20, account="one", steps=5)) >= 10
    assert await rounds(*waiting(turns, 2, account="one", steps=5)) <= 2


async def test_accounts_go_one_after_the_other() -> None:
    """Who asks for little waits for one turn of each other account, not for all that it asks for."""
    turns = LoopTurns(steps=10)
    many = waiting(turns, 100, account="one", steps=10) + waiting(turns, 100, account="two", steps=10)
    await asyncio.sleep(0)
    await turns.turn("three", 10)
    assert sum(one.done() for one in many) < 5
    await asyncio.gather(*many)


async def test_an_account_keeps_its_order() -> None:
    """The longest waiting goes first."""
    turns, gone = LoopTurns(steps=1), list[int]()

    async def one(number: int) -> None:
        await turns.turn("one", 1)
        gone.append(number)

    await asyncio.gather(*map(one, range(20)))
    assert gone == list(range(20))


async def test_ended_work_takes_no_turn() -> None:
    """It is left out, and the others go on."""
    tasks = waiting(LoopTurns(steps=1), 10, account="one", steps=1)
    await asyncio.sleep(0)
    for task in tasks[1:9]:
        task.cancel()
    async with asyncio.timeout(5):
        await tasks[9]


async def test_a_turn_that_has_room_again_is_not_waited_for() -> None:
    """Work may begin to wait only after the next turn has begun."""
    turns = LoopTurns(steps=1)
    assert turns.has_turn(1)
    assert not turns.has_turn(1)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await turns.turn("one", 1)


async def test_what_is_put_in_line_goes_without_other_work() -> None:
    """A turn begins for it alone."""
    async with asyncio.timeout(5):
        await LoopTurns().ahead("one", 1)
